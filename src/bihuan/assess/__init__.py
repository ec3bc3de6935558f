"""Stage 3: evaluation runs, scorecards, reports."""
