"""How each kind of indicator reads its facts."""
