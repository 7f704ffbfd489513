"""Sounds for a loudspeaker, made here note by note and played by the system's `aplay`.

Each signal has its own melody: rising for come in, a question of two notes, a low falling one for
no, three harsh ones for trouble. The newest sound wins: what still plays is cut off.
"""

import io
import math
import queue
import struct
import subprocess
import threading
import wave
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from hardware.ports import Signal

SAMPLES_PER_SECOND: Final = 16_000
LOUDNESS: Final = 24_000
FADE_MS: Final = 8
LOOK_S: Final = 0.05
OVERTIME_MS: Final = 5_000
ENDING_S: Final = 5
PLAYER: Final = ("aplay", "-q", "-t", "wav", "-")

# Notes as (frequency in hertz, duration in milliseconds); 0 Hz is silence.
MELODIES: Final[Mapping[Signal, tuple[tuple[int, int], ...]]] = {
    Signal.READY: (),
    Signal.ADMIT: ((880, 90), (1319, 160)),
    Signal.ASK: ((660, 120), (0, 80), (660, 120)),
    Signal.REFUSE: ((330, 180), (220, 420)),
    Signal.TROUBLE: ((440, 90), (0, 60), (440, 90), (0, 60), (440, 90), (0, 60), (311, 300)),
}


@lru_cache(maxsize=len(Signal))
def sound(signal: Signal) -> bytes:
    """Return a signal's melody as a WAV file: one channel, 16 bits; READY is an empty one."""
    samples: list[int] = []
    for hertz, duration_ms in MELODIES[signal]:
        samples.extend(_note(hertz, duration_ms))
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLES_PER_SECOND)
        writer.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def _note(hertz: int, duration_ms: int) -> Iterator[int]:
    """A sine with soft ends: a hard edge would click."""
    count = SAMPLES_PER_SECOND * duration_ms // 1000
    fade = SAMPLES_PER_SECOND * FADE_MS // 1000
    turn = 2 * math.pi * hertz / SAMPLES_PER_SECOND
    loud = (min(at, count - 1 - at, fade) / fade for at in range(count))
    return (int(LOUDNESS * part * math.sin(turn * at)) for at, part in enumerate(loud))


class Speaker:
    """A loudspeaker; see `hardware.ports.SignalOutput`."""

    def __init__(self, player: tuple[str, ...] = PLAYER) -> None:
        """Play WAV files through a command that reads them from its standard input."""
        self._player = player
        self._trouble = ""
        self._playing: subprocess.Popen[bytes] | None = None
        self._inbox: queue.SimpleQueue[Signal | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="speaker", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """What is wrong, in one sentence; empty once a sound was played."""
        return self._trouble

    def show(self, signal: Signal) -> None:
        """Begin a signal's sound in place of what still plays; READY is silence."""
        self._inbox.put(signal)

    def close(self) -> None:
        """Fall silent."""
        self._inbox.put(None)
        self._thread.join(ENDING_S)

    def _run(self) -> None:
        signal: Signal | None = Signal.READY
        while signal is not None:
            left_ms = self._begin(signal)
            signal = self._wait(left_ms)
            self._silence()

    def _begin(self, signal: Signal) -> int:
        """Start the player; return how many milliseconds it may take at most."""
        if not MELODIES[signal]:
            return 0
        try:
            self._playing = subprocess.Popen(
                self._player,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                bufsize=0,
            )
        except OSError:
            self._trouble = (
                f"no sound: {self._player[0]} cannot be started; install it with"
                " `apt-get install alsa-utils`"
            )
            return 0
        self._feed(self._playing, sound(signal))
        return sum(duration_ms for _, duration_ms in MELODIES[signal]) + OVERTIME_MS

    def _feed(self, player: subprocess.Popen[bytes], content: bytes) -> None:
        """Hand over the whole sound: it is smaller than a pipe, so this does not wait."""
        if player.stdin is None:
            return
        with player.stdin as ear:
            try:
                ear.write(content)
            except BrokenPipeError:
                self._trouble = f"no sound: {self._player[0]} ended before it heard the sound"

    def _wait(self, left_ms: int) -> Signal | None:
        """Wait for the next signal and watch the player meanwhile; None is the end."""
        while True:
            try:
                newest = self._inbox.get(timeout=LOOK_S if self._playing else None)
            except queue.Empty:
                left_ms -= int(LOOK_S * 1000)
                self._watch(left_ms)
                continue
            while newest is not None and not self._inbox.empty():
                newest = self._inbox.get()
            return newest

    def _watch(self, left_ms: int) -> None:
        if self._playing is None:
            return
        if self._playing.poll() is not None:
            self._finish(self._playing)
            self._playing = None
        elif left_ms <= 0:
            self._silence()
            self._trouble = f"no sound: {self._player[0]} does not come to an end"

    def _finish(self, player: subprocess.Popen[bytes]) -> None:
        said = ""
        if player.stderr is not None:
            with player.stderr as mouth:
                said = mouth.read().decode("utf-8", "replace").strip()
        if player.returncode == 0:
            self._trouble = ""
        else:
            reason = said.splitlines()[-1] if said else f"code {player.returncode}"
            self._trouble = f"no sound: {self._player[0]} failed ({reason})"

    def _silence(self) -> None:
        """End a player that still plays; one that was cut off tells nothing about the device."""
        player, self._playing = self._playing, None
        if player is not None:
            player.kill()
            player.wait()
            if player.stderr is not None:
                player.stderr.close()
