"""Systems with delays: characteristic roots of their equilibria, and Lyapunov exponents."""

from analysis.delays.exponents import DelayedLyapunovSpectrum, delayed_lyapunov_spectrum
from analysis.delays.roots import CharacteristicRoots, characteristic_roots

__all__ = ["CharacteristicRoots", "DelayedLyapunovSpectrum", "characteristic_roots", "delayed_lyapunov_spectrum"]
