"""Tests of a till."""
