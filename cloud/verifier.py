"""Checks signatures beside the writer: in a process of its own, on a core that has nothing to do.

A fifth of taking a fact in is the check of its signature, which needs nothing of the office but the
fact and a key. So those that come together are handed over before they are judged, and most answers
are there when they are asked for. What was not answered yet is checked here: nobody ever waits for
the other process, and without it everything is the same, only slower.
"""

import fcntl
import logging
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final

from cloud.limits import VERIFIED_AT_ONCE, VERIFIED_BESIDE_MIN, VERIFIER_END_S, VERIFIER_PIPE_BYTES
from sync.journal import Record, signed_by
from sync.keys import FACT_PURPOSE, PUBLIC_KEY_BYTES, SIGNATURE_BYTES, PublicKey
from sync.names import FactId, RunId
from sync.replica import RunInfo

LOG: Final = logging.getLogger("guichet.office.verifier")
Signed = tuple[Record, PublicKey]
_ROOT: Final = Path(__file__).resolve().parents[1]
_HEAD: Final = struct.Struct(">II")
_PAYLOAD: Final = struct.Struct(">H")
_READ_BYTES: Final = 65_536
_GOOD: Final = 1


class Verifier:
    """The other process, for all festivals of this one; it checks for one of them at a time."""

    def __init__(self) -> None:
        """Have no other process yet: everything is checked here."""
        self._process: subprocess.Popen[bytes] | None = None
        self._said_to = self._heard_from = -1
        self._busy = Lock()
        self._owed_count = 0

    def start(self) -> None:
        """Start the other process, if this machine has a second core for it."""
        if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:  # noqa: PLR2004 - a pair
            return
        its_in, self._said_to = os.pipe()
        self._heard_from, its_out = os.pipe()
        try:
            self._process = subprocess.Popen(
                (sys.executable, "-m", __name__),
                stdin=its_in,
                stdout=its_out,
                cwd=_ROOT,
                start_new_session=True,  # Ctrl-C is for the office; this ends with its pipe
            )
        finally:
            os.close(its_in)
            os.close(its_out)
        with suppress(OSError):  # a user may have too many pipes: then small batches only
            fcntl.fcntl(self._said_to, fcntl.F_SETPIPE_SZ, VERIFIER_PIPE_BYTES)
        os.set_blocking(self._heard_from, False)

    @property
    def is_at_work(self) -> bool:
        """Tell whether there is another process."""
        return self._process is not None

    def hand_over(self, signed: Sequence[Signed]) -> bool:
        """Let the other process check these; False if it is busy or gone, or they are too many.

        Whoever handed over hears the answers, and lets go in the end.
        """
        if self._process is None or not self._busy.acquire(blocking=False):
            return False
        if self._is_free() and self._say(signed):
            self._owed_count = len(signed)
            return True
        self._busy.release()
        return False

    def hear(self) -> bytes:
        """Return the answers that came since, one byte each and in order; often there are none."""
        if self._process is None:
            return b""
        try:
            answers = os.read(self._heard_from, _READ_BYTES)
        except BlockingIOError:
            return b""
        self._owed_count -= len(answers)
        if not answers:
            self._give_up("it has ended")
        return answers

    def let_go(self) -> None:
        """Be free for the next who has something to check; what is owed still is thrown away."""
        self._busy.release()

    def close(self) -> None:
        """End the other process."""
        process, self._process = self._process, None
        if process is None:
            return
        os.close(self._said_to)
        os.close(self._heard_from)
        try:
            process.wait(VERIFIER_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _is_free(self) -> bool:
        while self._owed_count and self._process is not None and self.hear():
            pass
        return self._process is not None and not self._owed_count

    def _say(self, signed: Sequence[Signed]) -> bool:
        """Say it all if the pipe can hold it, so that nobody waits."""
        content = _spelled(signed)
        if len(content) > fcntl.fcntl(self._said_to, fcntl.F_GETPIPE_SZ):
            return False
        try:
            is_whole = os.write(self._said_to, content) == len(content)
        except BrokenPipeError:
            is_whole = False
        if not is_whole:
            self._give_up("it does not listen")
        return is_whole

    def _give_up(self, why: str) -> None:
        """Go on without the other process, which is never needed."""
        LOG.warning("signatures are checked without help", extra={"row": {"why": why}})
        self._owed_count = 0
        self.close()


class SignatureChecks:
    """What one store asks about the signatures of records: its side of a verifier."""

    def __init__(self, verifier: Verifier) -> None:
        """Hand over to this one."""
        self._verifier = verifier
        self._is_handed = False
        self._places: dict[tuple[FactId, bytes], tuple[int, PublicKey]] = {}
        self._answers = b""

    def expect(self, records: Sequence[Record], run_of: Callable[[RunId], RunInfo | None]) -> None:
        """Hand over records that came together, as far as it is known who must have signed them."""
        self.end()
        if len(records) < VERIFIED_BESIDE_MIN:
            return
        runs = {run: run_of(run) for run in {record.run for record in records}}
        keys = {run: info.key for run, info in runs.items() if info is not None}
        signed = [(one, keys[one.run]) for one in records if one.number and one.run in keys]
        self._is_handed = bool(signed) and self._verifier.hand_over(signed)
        if self._is_handed:
            for place, (record, key) in enumerate(signed):
                self._places[record.id, record.signature] = (place, key)

    def verifies(self, record: Record, key: PublicKey) -> bool:
        """Tell whether this key signed the record as a fact; see `sync.journal.signed_by`."""
        place, expected = self._places.get((record.id, record.signature), (-1, key))
        if place >= len(self._answers):
            self._answers += self._verifier.hear()
        if not 0 <= place < len(self._answers) or expected != key:
            return signed_by(record, key)
        return self._answers[place] == _GOOD

    def end(self) -> None:
        """Let others use the verifier: what was expected has been judged, or never will be."""
        if self._is_handed:
            self._verifier.let_go()
        self._is_handed = False
        self._places.clear()
        self._answers = b""


def _spelled(signed: Sequence[Signed]) -> bytes:
    """Spell what is to be checked: key, signature, and the length of the payload before it."""
    parts = [
        part
        for record, key in signed
        for part in (key.raw, record.signature, _PAYLOAD.pack(len(record.payload)), record.payload)
    ]
    content = b"".join(parts)
    return _HEAD.pack(len(signed), len(content)) + content


def _answers(content: bytes) -> Iterator[bool]:
    """Check what was spelled, one after the other."""
    at = 0
    while at < len(content):
        key = PublicKey(content[at : at + PUBLIC_KEY_BYTES])
        at += PUBLIC_KEY_BYTES
        signature = content[at : at + SIGNATURE_BYTES]
        at += SIGNATURE_BYTES
        (length,) = _PAYLOAD.unpack_from(content, at)
        at += _PAYLOAD.size
        yield key.verifies(FACT_PURPOSE, content[at : at + length], signature)
        at += length


def answer_all(coming: BinaryIO, going: BinaryIO) -> None:
    """Answer batch after batch until nothing comes any more; a few answers are told at a time."""
    while len(head := coming.read(_HEAD.size)) == _HEAD.size:
        _, length = _HEAD.unpack(head)
        told = bytearray()
        for is_good in _answers(coming.read(length)):
            told.append(is_good)
            if len(told) >= VERIFIED_AT_ONCE:
                going.write(told)
                going.flush()
                told.clear()
        going.write(told)
        going.flush()


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        answer_all(sys.stdin.buffer, sys.stdout.buffer)
