"""One box: a gate or a bar, from its camera or keys to its signed journal."""
