"""Rehearsals: the product run as a whole, through real processes and public commands."""
