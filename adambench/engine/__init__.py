"""Everything that knows Numba: memory, kernels and their cache, the update, the noise, and the one loop."""
