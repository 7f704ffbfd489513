"""Neighbours: terminals of one site that tell each other at once, with or without an office."""
