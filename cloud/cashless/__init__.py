"""Bars and wallets: what was sold, who holds how much."""
