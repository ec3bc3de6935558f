"""Numbers in, numbers out: sampling, estimation, control charts, trend, effect, business time. NumPy, SciPy and numba only."""
