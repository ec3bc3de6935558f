"""The pages where people land."""
