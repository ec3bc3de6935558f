"""Compiled loops.

Only functions of the public modules import from here, and they do so when they are called:
importing numba takes longer than the rest of the package together, and most commands never need it.
"""
