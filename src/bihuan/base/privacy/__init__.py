"""Encrypted fields and the blind index."""
