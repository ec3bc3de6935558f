"""Background work and the schedule."""
