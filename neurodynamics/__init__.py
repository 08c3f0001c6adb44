"""The contract, activations and integrators that every package of this project stands on."""
