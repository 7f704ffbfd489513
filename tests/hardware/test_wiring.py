"""A wiring file is opened as a whole or refused in one sentence, and then nothing is open."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import gpiozero
import pytest

from hardware.bench import ManualClock
from hardware.nfc import NfcReader
from hardware.pins import OutputPin
from hardware.ports import Heard, Rule, Signal, Way
from hardware.receipt_printer import QueuedPrinter
from hardware.scanner import EvdevScanner
from hardware.signals import PinBuzzer, PinLamp
from hardware.speaker import Speaker
from hardware.wiring import BadWiring, open_wiring
from tests.hardware.chips import Service
from tests.hardware.key_events import typed
from tests.hardware.waiting import until

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LAMP = "[lamp]\ngreen = 17\namber = 27\nred = 22\n"
TURNSTILE = "[turnstile]\nrelay_in = 23\npassed_in = 5\n"
SCANNER = '[[scanner]]\ndevice = "/dev/input/by-id/none"\n'
NETWORK = '[printer]\nkind = "network"\nhost = "127.0.0.1"\n'
WHOLE = """
[lamp]
green = 17
amber = 27
red = 22
[buzzer]
pin = 18
[speaker]
enabled = true
[turnstile]
relay_in = 23
relay_out = 24
passed_in = 5
passed_out = 6
push_in = 12
push_out = 13
pulse_ms = 400
timeout_ms = 6000
[[scanner]]
device = "{fifo}"
layout = "fr"
[[scanner]]
device = "/dev/input/by-id/none"
[nfc]
reader = 0
[printer]
kind = "file"
path = "{fifo}.slips"
columns = 48
drawer = true
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hardware.toml"


def _refused(file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(BadWiring) as refused:
        open_wiring(file, ManualClock())
    assert str(refused.value).startswith(f"{file}: ")
    assert "\n" not in str(refused.value)
    return str(refused.value).removeprefix(f"{file}: ")


def test_a_whole_gate_is_opened_works_and_is_closed(
    pins: Any, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.nfc.find_pcsc", Service)
    os.mkfifo(tmp_path / "fifo")
    file.write_text(WHOLE.format(fifo=tmp_path / "fifo"))
    clock = ManualClock()
    wiring = open_wiring(file, clock)
    assert [type(output) for output in wiring.signals] == [PinLamp, PinBuzzer, Speaker]
    assert [type(source) for source in wiring.sources] == [EvdevScanner, EvdevScanner, NfcReader]
    wiring.signals[0].show(Signal.ADMIT)
    assert until(lambda: pins.pin(17).state)
    assert wiring.turnstile is not None
    assert wiring.turnstile.tells_direction
    told: list[int] = []
    wiring.turnstile.open(Way.OUT, 1, told.append)
    assert until(lambda: pins.pin(24).state)
    clock.move(400)
    assert until(lambda: not pins.pin(24).state), "the pulse has the length of the file"
    clock.move(5_600)
    assert until(lambda: told == [0]), "the time-out is that of the file"
    heard: list[Heard] = []
    for source in wiring.sources:
        source.start(heard.append)
    with (tmp_path / "fifo").open("wb", buffering=0) as writer:
        writer.write(typed("GU1:AZ", layout="fr"))
        assert until(lambda: [h.text for h in heard] == ["GU1:AZ"])
    assert wiring.printer is not None
    printed: list[str] = []
    wiring.printer.print((Rule(),), printed.append)
    wiring.printer.open_drawer()
    slips = tmp_path / "fifo.slips"
    assert until(lambda: slips.exists() and slips.read_bytes().endswith(b"\x1bp\x0022"))
    assert b"-" * 48 + b"\n" in slips.read_bytes()
    assert until(lambda: printed == [""])
    wiring.close()
    assert not pins.pin(17).state
    for pin in (17, 27, 22, 18, 23, 24, 5, 6, 12, 13):
        OutputPin(pin).close()


def test_closing_tells_who_waits_for_a_passage(pins: Any, file: Path) -> None:
    file.write_text(TURNSTILE)
    wiring = open_wiring(file, ManualClock())
    assert wiring.turnstile is not None
    told: list[int] = []
    wiring.turnstile.open(Way.IN, 1, told.append)
    wiring.close()
    assert until(lambda: told == [0])


def test_an_empty_file_is_a_gate_with_nothing_connected(file: Path) -> None:
    file.write_text("# nothing yet\n")
    wiring = open_wiring(file, ManualClock())
    assert (wiring.signals, wiring.turnstile, wiring.sources) == ((), None, ())
    assert wiring.printer is None
    wiring.close()


@pytest.mark.parametrize(
    "table",
    [
        'kind = "network"\nhost = "127.0.0.1"\n',
        'kind = "network"\nhost = "printer.local"\nport = 9101\ncolumns = 32\n',
        'kind = "usb"\nvendor = 0x04b8\nproduct = 0x0202\ndrawer = false\n',
        'kind = "file"\npath = "/dev/usb/lp0"\n',
    ],
)
def test_a_printer_that_is_not_there_yet_is_no_reason_to_stay_shut(file: Path, table: str) -> None:
    file.write_text("[printer]\n" + table)
    wiring = open_wiring(file, ManualClock())
    assert isinstance(wiring.printer, QueuedPrinter)
    wiring.close()


def test_a_speaker_that_is_switched_off_is_not_there(file: Path) -> None:
    file.write_text("[speaker]\nenabled = false\n")
    assert open_wiring(file, ManualClock()).signals == ()


@pytest.mark.parametrize(
    "text,sentence",
    [
        ("[lamps]\n", "[lamps] is unknown"),
        ("[lamp]\ngreen = 17\namber = 27\nblue = 22\n", "[lamp] has no key blue: use green"),
        ("[lamp]\ngreen = 17\namber = 27\n", "[lamp] lacks red"),
        ("lamp = 17\n", "lamp is to be a table"),
        ('[buzzer]\npin = "18"\n', "pin of [buzzer] is to be a whole number from 2 to 27"),
        ("[buzzer]\npin = true\n", "pin of [buzzer] is to be a whole number"),
        ("[buzzer]\npin = 18.0\n", "pin of [buzzer] is to be a whole number"),
        ("[buzzer]\npin = 1\n", "from 2 to 27, not 1"),
        ("[buzzer]\npin = 28\n", "from 2 to 27, not 28"),
        ("[buzzer]\n", "[buzzer] lacks pin"),
        (LAMP + "[buzzer]\npin = 27\n", "pin 27 is used twice, by amber of [lamp] and by pin of"),
        ("[lamp]\ngreen = 17\namber = 17\nred = 22\n", "pin 17 is used twice"),
        (LAMP + TURNSTILE + "push_in = 22\n", "by red of [lamp] and by push_in of [turnstile]"),
        ("[speaker]\nenabled = 1\n", "enabled of [speaker] is to be true or false, not 1"),
        ("[speaker]\n", "[speaker] lacks enabled"),
        ("[turnstile]\n", "[turnstile] needs relay_in and passed_in"),
        ("[turnstile]\npush_in = 5\n", "[turnstile] needs relay_in and passed_in"),
        ("[turnstile]\nrelay_in = 5\n", "relay_in and passed_in together"),
        (TURNSTILE + "passed_out = 6\n", "relay_out and passed_out together"),
        (TURNSTILE + "timeout_ms = 0\n", "timeout_ms of [turnstile] is to be a whole number"),
        (TURNSTILE + "pulse_ms = 99999\n", "pulse_ms of [turnstile]"),
        ('[scanner]\ndevice = "/dev/x"\n', "write [[scanner]] with two brackets"),
        ("scanner = [7]\n", "scanner is to be a table"),
        ("[[scanner]]\n", "[scanner] lacks device"),
        ("[[scanner]]\ndevice = 7\n", "device of [scanner] is to be a text, not 7"),
        ('[[scanner]]\ndevice = "event0"\n', "to be a whole path, not 'event0'"),
        (SCANNER + 'layout = "de"\n', "one of us, fr, not 'de'"),
        (SCANNER + SCANNER, "is named twice"),
        (SCANNER * 9, "at most 8 scanners"),
        ("[nfc]\nreader = -1\n", "reader of [nfc] is to be a whole number from 0 to 15"),
        ("[nfc]\n", "[nfc] lacks reader"),
        ("[nfc]\nreader = true\n", "reader of [nfc] is to be a whole number"),
        ("[printer]\n", "[printer] lacks kind"),
        ('[printer]\nkind = "serial"\n', "one of network, usb, file, not 'serial'"),
        ('[printer]\nkind = "network"\n', "[printer] of kind network lacks host"),
        ('[printer]\nkind = "network"\nhost = " "\n', "host of [printer] is empty"),
        (NETWORK + "port = 0\n", "port of [printer] is to be a whole number from 1 to 65535"),
        (NETWORK + 'path = "/x"\n', "path of [printer] belongs to the kind file, not network"),
        (NETWORK + "columns = 40\n", "columns of [printer] is to be one of 32, 42, 48, not 40"),
        (NETWORK + "drawer = 1\n", "drawer of [printer] is to be true or false, not 1"),
        ('[printer]\nkind = "usb"\nvendor = 0x04b8\n', "of kind usb lacks product"),
        ('[printer]\nkind = "file"\npath = "lp0"\n', "to be a whole path, not 'lp0'"),
        ("[lamp\n", "is not a TOML file"),
        ("[buzzer]\npin = 18\npin = 19\n", "is not a TOML file"),
        ("# " + "x" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_one_sentence(
    pins: Any, file: Path, text: str, sentence: str
) -> None:
    before = threading.active_count()
    assert sentence in _refused(file, text)
    assert threading.active_count() == before
    assert pins.pins == {}, "no pin was touched"


def test_a_file_that_is_missing_or_no_text_is_named(file: Path) -> None:
    with pytest.raises(BadWiring, match="cannot be read"):
        open_wiring(file, ManualClock())
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadWiring, match="not a TOML file"):
        open_wiring(file, ManualClock())


def test_where_one_device_cannot_be_had_all_are_let_go(
    pins: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = OutputPin(5)
    assert "pin 5 does not work" in _refused(file, LAMP + TURNSTILE)
    taken.close()
    monkeypatch.setattr("hardware.nfc.find_pcsc", _no_pyscard)
    refused = _refused(file, LAMP + TURNSTILE + SCANNER + "[nfc]\nreader = 0\n")
    assert "apt-get install pcscd" in refused
    file.write_text(LAMP + TURNSTILE)
    open_wiring(file, ManualClock()).close()
    assert until(lambda: not {t.name for t in threading.enumerate()} & {"signals", "turnstile"})


def _no_pyscard() -> None:
    from hardware.nfc import NfcTrouble

    message = "NFC needs Debian's package: `apt-get install pcscd python3-pyscard`"
    raise NfcTrouble(message)


def test_a_machine_without_pins_is_told_which_setting_decides(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "nonsense")
    assert "GPIOZERO_PIN_FACTORY=nonsense" in _refused(file, LAMP)


def test_a_whole_process_opens_a_gate_on_mock_pins(file: Path) -> None:
    file.write_text(LAMP + TURNSTILE)
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from hardware.wall_clock import SystemClock\nfrom hardware.wiring import open_wiring\n"
        "wiring = open_wiring(Path(sys.argv[1]), SystemClock())\n"
        "print(len(wiring.signals), wiring.turnstile is not None)\nwiring.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(file)],
        cwd=file.parent,
        env={"PYTHONPATH": str(CHECKOUT), "GPIOZERO_PIN_FACTORY": "mock"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("1 True\n", "")
