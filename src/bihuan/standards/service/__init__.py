"""Service standards and procedures: their versions, their clauses, and how they are revised."""
