"""From an indicator's definition to estimates and scores."""
