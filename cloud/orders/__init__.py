"""Orders: places of ticket types that are reserved, paid and given back, exactly."""
