"""Systems with delays: characteristic roots of their equilibria, and Lyapunov exponents."""

from analysis.delays.roots import CharacteristicRoots, characteristic_roots
from analysis.delays.exponents import DelayedLyapunovSpectrum, delayed_lyapunov_spectrum

__all__ = ["CharacteristicRoots", "DelayedLyapunovSpectrum", "characteristic_roots", "delayed_lyapunov_spectrum"]
