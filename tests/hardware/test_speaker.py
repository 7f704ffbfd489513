"""A loudspeaker says each signal with a sound of its own, the newest first, or why it cannot."""

import io
import os
import struct
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from hardware.ports import Signal, SignalOutput
from hardware.speaker import SAMPLES_PER_SECOND, Speaker, sound
from tests.hardware.waiting import until

Player = Callable[[str], tuple[str, ...]]


def _samples(signal: Signal) -> tuple[int, ...]:
    with wave.open(io.BytesIO(sound(signal))) as reader:
        assert (reader.getnchannels(), reader.getsampwidth()) == (1, 2)
        assert reader.getframerate() == SAMPLES_PER_SECOND
        count = reader.getnframes()
        return struct.unpack(f"<{count}h", reader.readframes(count))


@pytest.fixture
def player(tmp_path: Path) -> Player:
    """Make a stand-in for aplay that notes the sounds which it was given."""

    def make(ending: str) -> tuple[str, ...]:
        script = tmp_path / "player.py"
        script.write_text(
            "import os, signal, sys\n"
            f"os.chdir({str(tmp_path)!r})\n"
            "content = sys.stdin.buffer.read()\n"
            "name = f'{os.getpid()}.heard'\n"
            "open(name + '.new', 'wb').write(content)\n"
            "os.rename(name + '.new', name)\n"
            f"{ending}\n"
        )
        return (sys.executable, "-S", "-E", str(script))

    return make


def _heard(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*.heard"))]


def test_every_signal_sounds_different_and_none_is_longer_than_a_second() -> None:
    assert len({sound(signal) for signal in Signal}) == len(Signal)
    assert len(_samples(Signal.READY)) == 0
    for signal in set(Signal) - {Signal.READY}:
        samples = _samples(signal)
        assert SAMPLES_PER_SECOND // 8 < len(samples) <= SAMPLES_PER_SECOND
        assert max(samples) > 20_000
        assert abs(samples[0]) < 100
        assert abs(samples[-1]) < 100
        assert len(sound(signal)) < 65_536, "it must fit into a pipe"


def test_a_sound_reaches_the_player_whole(player: Player, tmp_path: Path) -> None:
    speaker: SignalOutput = Speaker(player(""))
    speaker.show(Signal.ADMIT)
    assert until(lambda: _heard(tmp_path) == [sound(Signal.ADMIT)])
    speaker.show(Signal.REFUSE)
    assert until(lambda: sound(Signal.REFUSE) in _heard(tmp_path))
    speaker.close()
    assert speaker.trouble == ""


def test_the_newest_sound_cuts_off_what_still_plays(player: Player, tmp_path: Path) -> None:
    speaker = Speaker(player("signal.pause()"))
    speaker.show(Signal.TROUBLE)
    assert until(lambda: _heard(tmp_path))
    speaker.show(Signal.ADMIT)
    assert until(lambda: sound(Signal.ADMIT) in _heard(tmp_path))
    speaker.close()
    assert speaker.trouble == ""
    pids = [int(path.stem) for path in tmp_path.glob("*.heard")]
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_ready_is_silence(player: Player, tmp_path: Path) -> None:
    speaker = Speaker(player("signal.pause()"))
    speaker.show(Signal.ASK)
    assert until(lambda: _heard(tmp_path))
    pid = int(next(tmp_path.glob("*.heard")).stem)
    speaker.show(Signal.READY)
    assert until(lambda: not Path(f"/proc/{pid}").exists())
    speaker.close()
    assert len(_heard(tmp_path)) == 1


def test_a_machine_without_the_player_is_told_what_to_install() -> None:
    speaker = Speaker(("no-such-aplay", "-"))
    speaker.show(Signal.ADMIT)
    assert until(lambda: "no-such-aplay" in speaker.trouble)
    assert "apt-get install alsa-utils" in speaker.trouble
    speaker.show(Signal.REFUSE)
    speaker.close()


def test_a_player_that_fails_is_quoted_and_forgiven_when_it_works(
    player: Player, tmp_path: Path
) -> None:
    speaker = Speaker(
        player("if not os.path.exists('card'): sys.exit('aplay: no sound card found')")
    )
    speaker.show(Signal.ADMIT)
    assert until(lambda: "no sound card found" in speaker.trouble)
    (tmp_path / "card").touch()
    speaker.show(Signal.ADMIT)
    assert until(lambda: speaker.trouble == "")
    speaker.close()


def test_a_player_that_listens_to_nothing_is_no_reason_to_stop() -> None:
    speaker = Speaker((sys.executable, "-c", "import sys; sys.stdin.close(); sys.exit(3)"))
    speaker.show(Signal.ADMIT)
    assert until(lambda: "code 3" in speaker.trouble)
    speaker.show(Signal.ADMIT)
    speaker.close()


def test_a_player_that_never_ends_is_ended(
    player: Player, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.speaker.OVERTIME_MS", 200)
    speaker = Speaker(player("signal.pause()"))
    speaker.show(Signal.ADMIT)
    assert until(lambda: "does not come to an end" in speaker.trouble)
    speaker.close()
