"""Users, departments, contractors, roles scoped to a place."""
