"""Stage 2: keeping the data archive up to date."""
