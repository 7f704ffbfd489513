"""What the tests of all screens put before them."""

HEALTH = {
    "connected": True,
    "line": "",
    "refused": False,
    "alone": False,
    "alone_since_ms": None,
    "heard": True,
    "data_age_ms": 240_000,
    "neighbours": 2,
    "only_here": 37,
    "clock": "trusted",
    "uncertainty_ms": 2_000,
    "disk_free_mib": 5_000,
}
