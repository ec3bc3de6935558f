"""Stage 1: indicators, weights, monitoring cycles."""
