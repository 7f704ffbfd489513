"""Runs a rehearsal as a person would, for the tests."""

import subprocess
import sys

from tests.rehearsal.boxes import CHECKOUT, environment


def rehearse(*words: str, wait_s: int = 110) -> subprocess.CompletedProcess[str]:
    """Run a rehearsal's command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "tests.rehearsal", *words],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=wait_s,
    )
