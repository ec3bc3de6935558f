"""Stage 1: regulations, indicators and their versions, weights, monitoring cycles."""
