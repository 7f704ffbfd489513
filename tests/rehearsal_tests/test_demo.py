"""The demo is the main job: it holds its own checks and says what scripts rely on."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.rehearsal.boxes import CHECKOUT, environment
from tests.rehearsal.demo_story import failures
from tests.rehearsal_tests.commands import rehearse

KEYS = {
    "admitted",
    "refused",
    "second_admissions",
    "sales",
    "voids",
    "topups",
    "money_sum_minor",
    "overspend_minor",
    "overspend_bound_minor",
    "facts",
    "lost_facts",
    "state_hashes_equal",
    "conflicts",
    "wall_seconds",
    "office_url",
}


def test_the_demo_loses_nothing_and_finds_exactly_what_was_provoked() -> None:
    done = rehearse("demo", "--headless", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report.keys() >= KEYS
    assert report["lost_facts"] == 0
    assert report["money_sum_minor"] == 0
    assert report["second_admissions"] == 1
    assert report["overspend_minor"] == 3_000
    assert report["overspend_minor"] <= report["overspend_bound_minor"]
    assert report["state_hashes_equal"] == {"office": True, "access": True, "money": True}
    kinds = sorted(conflict["kind"] for conflict in report["conflicts"])
    assert kinds == ["overspent_wallet", "second_admission"]
    assert set(report["refused"]) >= {"already_inside", "bad_signature", "cancelled", "wrong_zone"}
    assert failures(report) == []


def test_the_checks_of_the_demo_can_fail() -> None:
    report = {
        "lost_facts": 1,
        "money_sum_minor": 5,
        "state_hashes_equal": {"office": False},
        "conflicts": [],
        "overspend_minor": 99_999,
        "overspend_bound_minor": 10,
    }
    assert len(failures(report)) == 6


def test_the_live_page_stays_up_until_ctrl_c_and_no_process_stays_behind(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.rehearsal", "demo"],
        cwd=CHECKOUT,
        env={**environment(), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        told = ""
        assert demo.stdout is not None
        while "The live page:" not in told:
            line = demo.stdout.readline()
            assert line, told
            told += line
        assert "• The cables are back." in told
        port = re.search(r"127\.0\.0\.1:(\d+)/\?key=", told)
        assert port is not None
        os.kill(demo.pid, signal.SIGINT)
        assert demo.wait(30) == 0
    assert list(tmp_path.iterdir()) == []
    assert [line for line in command_lines() if str(tmp_path) in line] == []


def command_lines() -> list[str]:
    """Return the command line of every process on this machine."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return lines
