"""Numbers in, numbers out. NumPy, SciPy and numba only; no Django, no files, no clock."""
