"""Links and proposals between the records of all stages: what makes the loop visible in both directions."""
