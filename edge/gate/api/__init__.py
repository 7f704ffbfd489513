"""The scan API: handhelds and kiosks of others ask the same gate as its own camera does."""
