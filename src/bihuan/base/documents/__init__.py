"""PDF, Word and Excel."""
