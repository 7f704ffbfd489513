"""Proof that Guichet does what it says; nothing in the product imports from here."""
