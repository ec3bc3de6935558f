"""Stage 2: imports into the data archive."""
