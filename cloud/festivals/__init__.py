"""What the office states: zones, types, products, limits, places, statuses, keys."""
