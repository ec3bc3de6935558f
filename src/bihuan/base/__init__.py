"""What every stage stands on; each room imports downward only."""
