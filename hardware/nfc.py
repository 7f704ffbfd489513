"""An NFC reader behind the system's PC/SC service: a chip that is held to it is heard once.

pyscard speaks with the service. There is no wheel of it: it is Debian's `python3-pyscard`, which is
found where Debian keeps it when this environment's Python is of the same version. Its lowest layer
is used, whose every answer carries a number for what went wrong, so that a reader that is unplugged
and a service that is restarted are both found again without a restart of ours.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from hardware.chip import Chip, ChipGone, read_chip
from hardware.debian import DEBIAN_PACKAGES, imported
from hardware.ports import Heard, SourceState

LOOK_MS: Final = 250
REOPEN_MS_MIN: Final = 250
REOPEN_MS_MAX: Final = 5_000
ATTEMPTS_MAX: Final = 3
ENDING_S: Final = 5
_COUNTER_SHIFT: Final = 16
# The reader that hands commands on to its PN532: a chip's count can be asked through it.
_WITH_PN532: Final = "ACR122"


class NfcTrouble(Exception):
    """NFC cannot be used on this machine; the message says what to install."""


class _ReaderLost(Exception):
    """The service or the reader is gone; the message says which."""


def find_pcsc(debian: Path = DEBIAN_PACKAGES) -> Any:
    """Return pyscard's lowest layer; `NfcTrouble` says what to install if there is none."""
    try:
        return imported("smartcard.scard", debian)
    except (ImportError, OSError) as trouble:
        raise NfcTrouble(_to_install()) from trouble


def _to_install() -> str:
    return (
        "NFC needs Debian's package: `apt-get install pcscd python3-pyscard`, for the same version"
        f" of Python as this one ({sys.version_info.major}.{sys.version_info.minor})"
    )


class NfcReader:
    """The reader with a number, counted from 0; see `hardware.ports.CodeSource`."""

    def __init__(self, number: int = 0, pcsc: Any = None) -> None:
        """Use pyscard's lowest layer, or what is handed in; `NfcTrouble` if there is none.

        A reader that is not plugged in, or a service that does not run yet, is no error.
        """
        self._pcsc = find_pcsc() if pcsc is None else pcsc
        self._number = number
        self._state = SourceState.UNPLUGGED
        self._trouble = ""
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> SourceState:
        """Open while the reader is watched."""
        return self._state

    @property
    def trouble(self) -> str:
        """Why the reader is not watched, in one sentence; empty while it is."""
        return self._trouble

    def start(self, hear: Callable[[Heard], object]) -> None:
        """Begin to listen, once; a `RuntimeError` for a second start."""
        if self._thread is not None or self._ending.is_set():
            message = "an NFC reader is started once"
            raise RuntimeError(message)
        self._thread = threading.Thread(target=self._run, args=(hear,), name="nfc", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and let go of the reader."""
        self._ending.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(ENDING_S)

    def _run(self, hear: Callable[[Heard], object]) -> None:
        """Watch until closed; service and reader are looked for again with growing patience."""
        wait_ms = REOPEN_MS_MIN
        while not self._ending.is_set():
            code, context = self._pcsc.SCardEstablishContext(self._pcsc.SCARD_SCOPE_USER)
            try:
                self._demand(code, "the PC/SC service does not answer: does pcscd run?")
                name = self._find(context)
                self._state, self._trouble = SourceState.OPEN, ""
                wait_ms = REOPEN_MS_MIN
                self._watch(context, name, hear)
            except _ReaderLost as lost:
                self._trouble = str(lost)
            if code == self._pcsc.SCARD_S_SUCCESS:
                self._pcsc.SCardReleaseContext(context)
            self._state = SourceState.UNPLUGGED
            self._ending.wait(wait_ms / 1000)
            wait_ms = min(2 * wait_ms, REOPEN_MS_MAX)

    def _find(self, context: Any) -> str:
        code, names = self._pcsc.SCardListReaders(context, [])
        lost = f"NFC reader {self._number} is not plugged in"
        self._demand(code, lost)
        if self._number >= len(names):
            raise _ReaderLost(lost)
        return str(names[self._number])

    def _watch(self, context: Any, name: str, hear: Callable[[Heard], object]) -> None:
        """Hear each chip once, from when it comes until it goes."""
        pcsc = self._pcsc
        known, heard_at = pcsc.SCARD_STATE_UNAWARE, -1
        while not self._ending.is_set():
            code, changes = pcsc.SCardGetStatusChange(context, LOOK_MS, [(name, known)])
            if code == pcsc.SCARD_E_TIMEOUT:
                continue
            self._demand(code, f"NFC reader {name} was lost")
            _, now, atr = changes[0]
            if now & (pcsc.SCARD_STATE_UNKNOWN | pcsc.SCARD_STATE_UNAVAILABLE):
                lost = f"NFC reader {name} was unplugged"
                raise _ReaderLost(lost)
            known = now & ~pcsc.SCARD_STATE_CHANGED
            # The service counts every coming and going; our own use of the chip is not counted.
            counter = now >> _COUNTER_SHIFT
            is_there = now & pcsc.SCARD_STATE_PRESENT and not now & pcsc.SCARD_STATE_MUTE
            if is_there and counter != heard_at:
                heard_at = counter
                chip = self._read(context, name, bytes(atr))
                if chip is not None and (chip.uid or chip.text) and not self._ending.is_set():
                    hear(Heard(chip.text, chip.uid, name, chip.taps))

    def _read(self, context: Any, name: str, atr: bytes) -> Chip | None:
        """Read a chip, again if it falters; None if it went away.

        One that stays and falters each time is heard by its UID alone.
        """
        uid: bytes | None = None
        for _ in range(ATTEMPTS_MAX):
            pcsc = self._pcsc
            protocols = pcsc.SCARD_PROTOCOL_T0 | pcsc.SCARD_PROTOCOL_T1
            code, card, protocol = pcsc.SCardConnect(
                context, name, pcsc.SCARD_SHARE_SHARED, protocols
            )
            if code != pcsc.SCARD_S_SUCCESS:
                return None
            try:
                connection = _Connection(pcsc, card, protocol)
                return read_chip(connection, atr, passes_through=_WITH_PN532 in name)
            except ChipGone as gone:
                uid = gone.uid
            finally:
                pcsc.SCardDisconnect(card, pcsc.SCARD_RESET_CARD)
        return Chip(uid, None)

    def _demand(self, code: int, lost: str) -> None:
        if code != self._pcsc.SCARD_S_SUCCESS:
            raise _ReaderLost(lost)


class _Connection:
    """A card connection, as `hardware.chip` asks for it."""

    def __init__(self, pcsc: Any, card: Any, protocol: int) -> None:
        self._pcsc = pcsc
        self._card = card
        self._header = (
            pcsc.SCARD_PCI_T0 if protocol == pcsc.SCARD_PROTOCOL_T0 else pcsc.SCARD_PCI_T1
        )

    def transmit(self, apdu: list[int]) -> tuple[Sequence[int], int, int]:
        """Send a command; `ChipGone` if the chip does not answer it."""
        code, answer = self._pcsc.SCardTransmit(self._card, self._header, apdu)
        if code != self._pcsc.SCARD_S_SUCCESS or len(answer) < 2:  # noqa: PLR2004  two status bytes
            raise ChipGone
        return [byte & 0xFF for byte in answer[:-2]], answer[-2] & 0xFF, answer[-1] & 0xFF
