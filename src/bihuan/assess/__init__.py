"""Stage 3: evaluation runs, scorecards, indicator and place pages, reports, opening and closing a cycle."""
