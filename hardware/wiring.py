"""What is connected to this box, as its owner wrote it into a TOML file: all of it, or a sentence.

The whole file is checked before anything is opened: a misspelt key or a pin used twice is named,
and no lamp lights for half a gate. What can be unplugged (scanner, NFC reader, loudspeaker) may be
missing at the start; what is soldered may not.

    [lamp]
    green = 17
    amber = 27
    red = 22

    [buzzer]
    pin = 18

    [speaker]
    enabled = true

    [turnstile]                # a pair for each way; the rest as needed
    relay_in = 23
    passed_in = 5
    relay_out = 24
    passed_out = 6
    push_in = 12
    push_out = 13
    pulse_ms = 500
    timeout_ms = 8000

    [[scanner]]                # as many as there are
    device = "/dev/input/by-id/usb-scanner-event-kbd"
    layout = "us"              # or "fr", as the scanner was set up

    [nfc]
    reader = 0

    [printer]                  # of receipts
    kind = "network"           # with host and port; "usb" with vendor and product (as lsusb shows
    host = "192.168.1.50"      # them, such as 0x04b8); "file" with path, such as "/dev/usb/lp0"
    port = 9100
    columns = 42               # or 32 or 48, as wide as the paper
    drawer = true              # a cash drawer hangs on the printer
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hardware.keys import LAYOUTS
from hardware.nfc import NfcReader, NfcTrouble
from hardware.pins import PIN_MAX, PIN_MIN, PinTrouble
from hardware.ports import CodeSource, ReceiptPrinter, SignalOutput, Turnstile, WallClock
from hardware.receipt_printer import COLUMNS, COLUMNS_USUAL, QueuedPrinter
from hardware.receipts.cables import NETWORK_PORT, Cable, FileCable, NetworkCable, UsbCable
from hardware.scanner import EvdevScanner
from hardware.signals import PinBuzzer, PinLamp
from hardware.speaker import Speaker
from hardware.turnstile import PULSE_MS, TIMEOUT_MS, PinTurnstile, TurnstilePins

FILE_BYTES_MAX: Final = 1 << 16
SCANNERS_MAX: Final = 8
READER_MAX: Final = 15
PULSE_MS_RANGE: Final = range(20, 10_001)
TIMEOUT_MS_RANGE: Final = range(500, 120_001)
_PIN: Final = range(PIN_MIN, PIN_MAX + 1)

_TURNSTILE_PINS: Final = tuple(TurnstilePins.__dataclass_fields__)

# Each kind of printer: the keys that name it; all but a port must be there.
_PRINTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "network": ("host", "port"),
    "usb": ("vendor", "product"),
    "file": ("path",),
}
_USB_NUMBER: Final = range(1 << 16)

# Each table: its keys with the kind of their values; a range is a whole number within it.
_Kind = range | type[bool] | type[str]
_TABLES: Final[Mapping[str, Mapping[str, _Kind]]] = {
    "lamp": {"green": _PIN, "amber": _PIN, "red": _PIN},
    "buzzer": {"pin": _PIN},
    "speaker": {"enabled": bool},
    "turnstile": {
        **dict.fromkeys(_TURNSTILE_PINS, _PIN),
        "pulse_ms": PULSE_MS_RANGE,
        "timeout_ms": TIMEOUT_MS_RANGE,
    },
    "scanner": {"device": str, "layout": str},
    "nfc": {"reader": range(READER_MAX + 1)},
    "printer": {
        "kind": str,
        "host": str,
        "port": range(1, 1 << 16),
        "vendor": _USB_NUMBER,
        "product": _USB_NUMBER,
        "path": str,
        "columns": range(1, 256),
        "drawer": bool,
    },
}
_OPTIONAL: Final = {
    "turnstile": frozenset({*_TURNSTILE_PINS, "pulse_ms", "timeout_ms"}),
    "scanner": frozenset({"layout"}),
    "printer": frozenset({"columns", "drawer"}.union(*_PRINTERS.values())),
}


class BadWiring(Exception):
    """The wiring file or the box does not fit; the message is one sentence that says how."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What is connected: outputs for signals, a turnstile or none, and sources not yet started.

    The printer is one of receipts, or None.
    """

    signals: tuple[SignalOutput, ...]
    turnstile: Turnstile | None
    sources: tuple[CodeSource, ...]
    printer: ReceiptPrinter | None = None

    def close(self) -> None:
        """Let go of everything; who waits for a passage or a receipt is told."""
        for source in self.sources:
            source.close()
        if self.turnstile is not None:
            self.turnstile.close()
        for output in self.signals:
            output.close()
        if self.printer is not None:
            self.printer.close()


def open_wiring(path: Path, clock: WallClock) -> Wiring:
    """Open what a file says is connected, all or nothing; `BadWiring` says what does not fit."""
    plan = read_plan(path)
    with ExitStack() as opened:
        try:
            wiring = _open(plan, clock, opened)
        except (PinTrouble, NfcTrouble) as trouble:
            message = f"{path}: {trouble}"
            raise BadWiring(message) from trouble
        opened.pop_all()
        return wiring


def read_plan(path: Path) -> Mapping[str, Any]:
    """Read and check a wiring file without opening a device; `BadWiring` says what is wrong."""
    try:
        content = path.read_bytes()
        if len(content) > FILE_BYTES_MAX:
            message = f"{path}: larger than {FILE_BYTES_MAX >> 10} KiB"
            raise BadWiring(message)
        plan = tomllib.loads(content.decode())
    except OSError as trouble:
        message = f"{path}: cannot be read ({trouble.strerror})"
        raise BadWiring(message) from trouble
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as trouble:
        message = f"{path}: is not a TOML file ({trouble})"
        raise BadWiring(message) from trouble
    fault = next(_faults(plan), None)
    if fault is not None:
        message = f"{path}: {fault}"
        raise BadWiring(message)
    return plan


def _open(plan: Mapping[str, Any], clock: WallClock, opened: ExitStack) -> Wiring:
    signals: list[SignalOutput] = []
    sources: list[CodeSource] = []
    turnstile: Turnstile | None = None
    if "lamp" in plan:
        signals.append(PinLamp(**plan["lamp"]))
        opened.callback(signals[-1].close)
    if "buzzer" in plan:
        signals.append(PinBuzzer(**plan["buzzer"]))
        opened.callback(signals[-1].close)
    if "turnstile" in plan:
        table = plan["turnstile"]
        turnstile = PinTurnstile(
            TurnstilePins(**{pin: table[pin] for pin in _TURNSTILE_PINS if pin in table}),
            clock,
            pulse_ms=table.get("pulse_ms", PULSE_MS),
            timeout_ms=table.get("timeout_ms", TIMEOUT_MS),
        )
        opened.callback(turnstile.close)
    if plan.get("speaker", {}).get("enabled"):
        signals.append(Speaker())
        opened.callback(signals[-1].close)
    for table in plan.get("scanner", []):
        sources.append(EvdevScanner(table["device"], table.get("layout", "us")))
        opened.callback(sources[-1].close)
    if "nfc" in plan:
        sources.append(NfcReader(plan["nfc"]["reader"]))
        opened.callback(sources[-1].close)
    printer = _open_printer(plan["printer"]) if "printer" in plan else None
    return Wiring(tuple(signals), turnstile, tuple(sources), printer)


def _open_printer(table: Mapping[str, Any]) -> ReceiptPrinter:
    """A printer need not be there yet, so nothing here can fail."""
    cable: Cable
    if table["kind"] == "network":
        cable = NetworkCable(table["host"], table.get("port", NETWORK_PORT))
    elif table["kind"] == "usb":
        cable = UsbCable(table["vendor"], table["product"])
    else:
        cable = FileCable(table["path"])
    columns = table.get("columns", COLUMNS_USUAL)
    return QueuedPrinter(cable, columns=columns, drawer=table.get("drawer", False))


def _faults(plan: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong, the plainest first; what comes later may rely on what came before."""
    for name, table in plan.items():
        if name not in _TABLES:
            yield f"[{name}] is unknown: use {', '.join(_TABLES)}"
        elif name != "scanner":
            yield from _table_faults(name, table)
        elif not isinstance(table, list):
            yield "write [[scanner]] with two brackets: there may be several"
        elif len(table) > SCANNERS_MAX:
            yield f"at most {SCANNERS_MAX} scanners"
        else:
            for scanner in table:
                yield from _table_faults(name, scanner)
    yield from _scanner_faults(plan.get("scanner", []))
    yield from _turnstile_faults(plan.get("turnstile"))
    yield from _printer_faults(plan.get("printer"))
    yield from _pins_used_twice(plan)


def _table_faults(name: str, table: Any) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"{name} is to be a table: write [{name}] and its keys below"
        return
    kinds = _TABLES[name]
    for key, value in table.items():
        if key not in kinds:
            yield f"[{name}] has no key {key}: use {', '.join(kinds)}"
        else:
            yield from _value_faults(f"{key} of [{name}]", kinds[key], value)
    for key in kinds.keys() - table.keys() - _OPTIONAL.get(name, frozenset()):
        yield f"[{name}] lacks {key}"


def _value_faults(key: str, kind: _Kind, value: Any) -> Iterator[str]:
    if isinstance(kind, range):
        if type(value) is not int or value not in kind:
            yield f"{key} is to be a whole number from {kind[0]} to {kind[-1]}, not {value!r}"
    elif type(value) is not kind:
        yield f"{key} is to be {'true or false' if kind is bool else 'a text'}, not {value!r}"


def _scanner_faults(scanners: list[dict[str, Any]]) -> Iterator[str]:
    devices = Counter(scanner["device"] for scanner in scanners)
    for device, times in devices.items():
        if not device.startswith("/"):
            yield f"device of [[scanner]] is to be a whole path, not {device!r}"
        if times > 1:
            yield f"the scanner {device} is named twice"
    for scanner in scanners:
        layout = scanner.get("layout", "us")
        if layout not in LAYOUTS:
            yield f"layout of [[scanner]] is to be one of {', '.join(LAYOUTS)}, not {layout!r}"


def _turnstile_faults(turnstile: Mapping[str, Any] | None) -> Iterator[str]:
    if turnstile is None:
        return
    for way in ("in", "out"):
        if (f"relay_{way}" in turnstile) != (f"passed_{way}" in turnstile):
            yield f"[turnstile] needs relay_{way} and passed_{way} together: who passes is counted"
    if not turnstile.keys() & {"relay_in", "relay_out"}:
        yield "[turnstile] needs relay_in and passed_in, relay_out and passed_out, or all four"


def _printer_faults(printer: Mapping[str, Any] | None) -> Iterator[str]:
    if printer is None:
        return
    kind = printer["kind"]
    if kind not in _PRINTERS:
        yield f"kind of [printer] is to be one of {', '.join(_PRINTERS)}, not {kind!r}"
        return
    for key in _PRINTERS[kind]:
        if key not in printer and key != "port":
            yield f"[printer] of kind {kind} lacks {key}"
    for other, keys in _PRINTERS.items():
        for key in keys:
            if other != kind and key in printer:
                yield f"{key} of [printer] belongs to the kind {other}, not {kind}"
    if not printer.get("host", "-").strip():
        yield "host of [printer] is empty"
    if not printer.get("path", "/").startswith("/"):
        yield f"path of [printer] is to be a whole path, not {printer['path']!r}"
    columns = printer.get("columns", COLUMNS_USUAL)
    if columns not in COLUMNS:
        choices = ", ".join(map(str, COLUMNS))
        yield f"columns of [printer] is to be one of {choices}, not {columns}"


def _pins_used_twice(plan: Mapping[str, Any]) -> Iterator[str]:
    used: dict[int, str] = {}
    for name in ("lamp", "buzzer", "turnstile"):
        for key, value in plan.get(name, {}).items():
            if _TABLES[name][key] is not _PIN:
                continue
            if value in used:
                yield f"pin {value} is used twice, by {used[value]} and by {key} of [{name}]"
            used.setdefault(value, f"{key} of [{name}]")
