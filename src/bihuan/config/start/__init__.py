"""Starting for real: the first company, its files, and what is still missing."""
