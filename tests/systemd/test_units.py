"""The units that run boxes and office as services are sound, tight, and start real commands."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = (
    "guichet-gate@.service",
    "guichet-gate-screen@.service",
    "guichet-bar@.service",
    "guichet-bar-screen@.service",
    "guichet-hub@.service",
    "guichet-office.service",
)
TIGHT = (
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "User=guichet",
    "Restart=always",
    "UMask=0077",
)


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_to_say_about_a_unit(checkout: Path, name: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed: the units were not verified here")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(checkout / "systemd" / name)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_gives_away_no_more_than_it_must(checkout: Path, name: str) -> None:
    lines = (checkout / "systemd" / name).read_text("utf-8").splitlines()
    assert [rule for rule in TIGHT if rule not in lines] == []
    assert not any("PYTHONOPTIMIZE" in line for line in lines)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_a_command_that_exists_with_options_that_exist(
    checkout: Path, name: str
) -> None:
    text = (checkout / "systemd" / name).read_text("utf-8")
    (started,) = re.findall(r"^ExecStart=/bin/sh /opt/guichet/guichet (.+)$", text, re.MULTILINE)
    words = started.split()
    command = words[: words.index(next(word for word in words if word.startswith("/")))]
    shown = subprocess.run(
        [str(checkout / "guichet"), *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    assert [word for word in words if word.startswith("--") and word not in shown] == []


def test_only_the_office_waits_for_a_network(checkout: Path) -> None:
    waits = [
        name
        for name in UNITS
        if "network-online.target" in (checkout / "systemd" / name).read_text("utf-8")
    ]
    assert waits == ["guichet-office.service"]


@pytest.mark.parametrize("name", [name for name in UNITS if name != "guichet-office.service"])
def test_a_terminal_may_ask_the_system_for_its_own_addresses_to_tell_its_neighbours(
    checkout: Path, name: str
) -> None:
    lines = (checkout / "systemd" / name).read_text("utf-8").splitlines()
    (families,) = [line for line in lines if line.startswith("RestrictAddressFamilies=")]
    assert "AF_NETLINK" in families.split()
