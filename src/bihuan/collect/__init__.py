"""Stage 2: collection."""
