"""Tests of a gate."""
