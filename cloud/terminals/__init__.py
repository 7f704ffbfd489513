"""Terminals: giving out codes and taking boxes in."""
