"""Races against hand-written peers, run with ``python -m benchmarks``."""
