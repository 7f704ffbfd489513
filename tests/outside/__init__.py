"""The outside-in tests: real processes, real networks, disks that fail."""
