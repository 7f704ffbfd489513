"""The tables of the office's store: one file for each business area."""
