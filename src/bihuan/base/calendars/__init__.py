"""Working hours and public holidays."""
