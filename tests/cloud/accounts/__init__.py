"""Accounts: who is let in, to what, and who never."""
