"""Where real till records and photographs lie: beside the checkout, or where GUICHET_DATA says."""

import os
from pathlib import Path


def real_data() -> Path:
    """Return the folder of real data, whether it is there or not."""
    named = os.environ.get("GUICHET_DATA")
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(named) if named else beside
