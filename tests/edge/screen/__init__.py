"""Tests of what the screens of gates and bars have in common."""
