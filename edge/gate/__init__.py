"""The gate: from a code before the camera to a verdict that is on the disk."""
