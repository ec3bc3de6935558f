"""The place tree, households, occupancy."""
