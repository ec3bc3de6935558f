"""Signals and findings: what an evaluation shows to be wrong, and what becomes of it."""
