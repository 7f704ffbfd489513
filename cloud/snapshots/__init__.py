"""Snapshots: what a terminal that joins late is given, so that it can work within seconds."""
