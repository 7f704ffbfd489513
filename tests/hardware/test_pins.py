"""Pins fail with one sentence that says what to do, never with a library's trace."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import gpiozero
import pytest

from hardware.pins import ContactPin, OutputPin, PinTrouble, ready_pins

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def test_a_machine_without_pins_names_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "no-such-way")
    with pytest.raises(PinTrouble, match=r"GPIOZERO_PIN_FACTORY=no-such-way.*Raspberry Pi"):
        ready_pins()


def test_lgpio_is_taken_and_nothing_else_where_nothing_is_named(tmp_path: Path) -> None:
    script = (
        "from hardware.pins import PinTrouble, ready_pins\n"
        "try:\n    ready_pins()\nexcept PinTrouble as trouble:\n    print(trouble)\n"
        "else:\n    print('lgpio works')\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=tmp_path,  # lgpio leaves its pipe where the process stands
        env={"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    assert "lgpio" in done.stdout
    assert "works" in done.stdout or "GPIOZERO_PIN_FACTORY=mock" in done.stdout


def test_a_whole_process_can_be_given_mock_pins(tmp_path: Path) -> None:
    script = (
        "from hardware.pins import OutputPin\n"
        "pin = OutputPin(17)\npin.switch(on=True)\npin.close()\nprint('fine')\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(CHECKOUT), "GPIOZERO_PIN_FACTORY": "mock"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("fine\n", "")


def test_an_output_is_off_at_first_and_after_its_end(pins: Any) -> None:
    output = OutputPin(17)
    assert pins.pin(17).state == 0
    output.switch(on=True)
    assert pins.pin(17).state == 1
    output.switch(on=False)
    assert pins.pin(17).state == 0
    output.switch(on=True)
    output.close()
    assert pins.pin(17).state == 0


def test_a_contact_is_closed_by_ground_and_tells_both_changes(pins: Any) -> None:
    told: list[bool] = []
    contact = ContactPin(5, told.append)
    assert not contact.is_closed
    pins.pin(5).drive_low()
    assert contact.is_closed
    pins.pin(5).drive_high()
    assert told == [True, False]
    contact.close()


@pytest.mark.parametrize("kind", [OutputPin, ContactPin])
def test_a_pin_that_is_taken_or_does_not_exist_is_named(pins: Any, kind: Any) -> None:
    first = kind(17)
    with pytest.raises(PinTrouble, match="pin 17 does not work"):
        kind(17)
    with pytest.raises(PinTrouble, match="pin 99 does not work"):
        kind(99)
    first.close()
    kind(17).close()


def test_a_pin_that_no_longer_obeys_says_so(pins: Any) -> None:
    output, contact = OutputPin(17), ContactPin(5)
    output.close()
    contact.close()
    with pytest.raises(PinTrouble, match="pin 17"):
        output.switch(on=True)
    with pytest.raises(PinTrouble, match="pin 5"):
        _ = contact.is_closed
