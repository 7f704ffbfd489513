"""A terminal driven through its pipes: lines in, lines out, and an end in order."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import segno

from edge.limits import COMMAND_LINE_BYTES_MAX
from hardware.bench import ManualClock
from sync.names import FactId, Role
from tests.edge.boxes import CHECKOUT, NOW_MS, Child, code_of, make_folder, office_says, opened

CASH: dict[str, Any] = {"lines": [[1, 1, 500, 0, 0, None]], "payments": [["cash", 500]]}


def picture(path: Path, text: str) -> None:
    """Write a picture of a code as a box on the way would: whole, under its last name."""
    segno.make_qr(text, error="m", boost_error=False).save(str(path) + ".new", kind="png", scale=8)
    Path(str(path) + ".new").rename(path)


def test_the_first_line_says_who_is_ready_and_stop_ends_in_order(tmp_path: Path) -> None:
    with Child(["edge", "bar", make_folder(tmp_path / "till", "bar"), "--headless"]) as till:
        ready = till.hear()
        assert (ready["event"], ready["role"], ready["name"]) == ("ready", "bar", "till")
        assert (ready["last"], ready["recovering"], ready["notices"]) == (None, False, [])
        assert till.ask(id="x", do="stop") == {"id": "x", "event": "done"}
        assert till.process.wait(10) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_waiting_terminal_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with Child(["edge", "gate", make_folder(tmp_path / "gate", "gate"), "--headless"]) as gate:
        gate.hear()
        gate.process.send_signal(number)
        assert gate.errors() == ""
        assert gate.process.returncode == 0


def test_the_end_of_the_pipe_ends_the_terminal(tmp_path: Path) -> None:
    with Child(["edge", "gate", make_folder(tmp_path / "gate", "gate"), "--headless"]) as gate:
        gate.hear()
        assert gate.process.stdin is not None
        gate.process.stdin.write(b'{"id": 1, "do": "hashes"}')
        gate.hang_up()
        assert gate.hear()["event"] == "hashes"
        assert gate.process.wait(10) == 0


def test_a_service_without_any_input_goes_on_until_it_is_told(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "gate", "gate")
    with subprocess.Popen(
        [sys.executable, "-m", "edge", "gate", str(folder), "--headless"],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as gate:
        assert gate.stdout is not None
        gate.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            gate.wait(0.5)
        gate.terminate()
        assert gate.wait(10) == 0


def test_lines_that_make_no_sense_are_answered_and_change_nothing(tmp_path: Path) -> None:
    bad = [
        b"",
        b"not json",
        b"[1, 2]",
        b'{"id": 1}',
        b'{"id": 1, "do": ["sell"]}',
        b'{"id": 1, "do": "scan", "text": "x"}',
        b'{"id": 1, "do": "sell", "sale": NaN}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b'{"do": "sell", "sale": "' + b"a" * COMMAND_LINE_BYTES_MAX + b'"}',
        b"1" * 5_000,
    ]
    with Child(["edge", "bar", make_folder(tmp_path / "till", "bar"), "--headless"]) as till:
        till.hear()
        before = till.ask(id=0, do="status")["facts"]
        pipe = till.process.stdin
        assert pipe is not None
        for line in bad:
            pipe.write(line + b"\n")
            pipe.flush()
            answer = till.hear()
            assert answer["event"] == "trouble", line[:40]
            assert answer["sentence"]
        till.say(id="\ud800", do="status")
        answer = till.hear()
        assert (answer["id"], answer["facts"]) == ("\ud800", before)


def test_answers_come_in_the_order_of_the_commands(tmp_path: Path) -> None:
    with Child(["edge", "bar", make_folder(tmp_path / "till", "bar"), "--headless"]) as till:
        till.hear()
        for number in range(200):
            till.say(id=number, do="sell", sale=f"{number:032x}", **CASH)
        answers = [till.hear() for _ in range(200)]
        assert [answer["id"] for answer in answers] == list(range(200))
        assert {answer["event"] for answer in answers} == {"paid"}


def test_a_till_that_was_killed_says_at_its_next_start_what_became_of_the_last_sale(
    tmp_path: Path,
) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    with Child(["edge", "bar", folder, "--headless"]) as till:
        till.hear()
        fact = till.ask(id=1, do="sell", sale="ab" * 16, **CASH)["fact"]
        till.process.kill()
        till.process.wait(10)
    with Child(["edge", "bar", folder, "--headless"]) as till:
        last = till.hear()["last"]
        assert (last["sale"], last["fact"], last["total_minor"]) == ("ab" * 16, fact, 500)
        again = till.ask(id=1, do="sell", sale="ab" * 16, **CASH)
        assert (again["fact"], again["again"]) == (fact, True)


def test_the_status_says_what_a_lone_till_knows(tmp_path: Path) -> None:
    with Child(["edge", "bar", make_folder(tmp_path / "till", "bar"), "--headless"]) as till:
        till.hear()
        till.ask(id=1, do="sell", sale="ab" * 16, **CASH)
        status = till.ask(id=2, do="status")
        assert (status["facts"], status["only_here"]) == (2, 2)
        assert (status["heard"], status["office_store_read"], status["connected"]) == (
            False,
            False,
            False,
        )
        assert (status["last_heard_ms"], status["recovering"], status["conflicts"]) == (
            None,
            False,
            [],
        )
        checked = till.ask(id=3, do="check")
        assert (checked["event"], checked["is_well"], checked["records_walked"]) == (
            "check",
            True,
            2,
        )
        hashes = till.ask(id=4, do="hashes")
        assert sorted(hashes) == ["event", "id", "money", "office"]


def test_what_the_camera_sees_is_judged_and_said_after_ready(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "gate", "gate")
    terminal = opened(folder, Role.GATE, ManualClock(NOW_MS))
    terminal.lane.run(lambda: office_says(terminal))
    terminal.close()
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    picture(pictures / "1.png", code_of(5))
    words: list[str | Path] = [
        "edge",
        "gate",
        folder,
        "--headless",
        "--camera",
        pictures,
        "--keep-all",
    ]
    with Child(words) as gate:
        assert gate.hear()["event"] == "ready"
        assert gate.hear() == {"event": "camera", "state": "open"}
        seen = gate.hear()
        assert (seen["event"], seen["verdict"], seen["serial"]) == ("verdict", "admit", 5)
        assert (seen["source"], "id" in seen) == ("1.png", False)
        picture(pictures / "2.png", code_of(6))
        assert gate.hear()["serial"] == 6
        gate.say(id=1, do="stop")
        assert gate.process.wait(10) == 0
    again = opened(folder, Role.GATE, ManualClock(NOW_MS))
    assert again.store.record(FactId(bytes.fromhex(seen["fact"]))) is not None
    again.close()


@pytest.mark.parametrize(
    "words,status,sentence",
    [
        (["gate", "{gate}"], 2, "add --headless"),
        (["bar", "{bar}"], 2, "add --headless"),
        (["gate", "{bar}", "--headless"], 1, "is a bar, not a gate"),
        (["gate", "{empty}", "--headless"], 1, "provision enrol"),
        (["gate", "{gate}", "--headless", "--camera", "nowhere.png"], 1, "no such camera"),
        (["gate", "{missing}", "--headless"], 2, "does not exist"),
        (["gate-explain", "{gate}", "GU1:"], 1, "has not been started"),
        (["bar-exposure", "{bar}"], 1, "has not been started"),
    ],
)
def test_a_command_that_cannot_be_done_says_why_in_one_sentence(
    tmp_path: Path, words: list[str], status: int, sentence: str
) -> None:
    places = {"missing": str(tmp_path / "missing"), "empty": str(tmp_path / "empty")}
    (tmp_path / "empty").mkdir()
    for role in ("gate", "bar"):
        places[role] = str(make_folder(tmp_path / role, role))
    with Child(["edge", *(word.format(**places) for word in words)]) as command:
        errors = command.errors()
        assert command.process.returncode == status
    assert sentence in errors
    assert len(errors.strip().splitlines()) == 1


def test_the_looking_commands_read_a_running_box(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "gate", "gate")
    terminal = opened(folder, Role.GATE, ManualClock(NOW_MS))
    terminal.lane.run(lambda: office_says(terminal))
    terminal.close()
    with Child(["edge", "gate", folder, "--headless"]) as gate:
        gate.hear()
        fact = gate.ask(id=1, do="scan", text=code_of(5))["fact"]
        gate.ask(id=2, do="scan", text=code_of(5))
        with Child(["edge", "gate-explain", folder, code_of(5), "--compare"]) as look:
            out, errors = look.process.communicate(timeout=30)
        assert errors == b""
        told = json.loads(out)
        assert (told["verdict_now"], told["reason"]) == ("refuse", "already_inside")
        assert told["history"][0]["fact"] == fact
        assert [row["reason"] for row in told["refusals"]] == ["already_inside"]
        assert told["cells_that_differ"] == []


def test_the_exposure_command_prints_the_worst_case(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "till", "bar")
    opened(folder, Role.BAR).close()
    with Child(["edge", "bar-exposure", folder, "--tills", "12"]) as look:
        out, errors = look.process.communicate(timeout=30)
    assert errors == b""
    told = json.loads(out)
    assert told["per_wallet_minor"] == 12 * 5_000
    assert told["all_tills_minor"] == 12 * 500_000


def test_a_gate_says_what_is_wrong_with_its_picture(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "gate", "gate")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(15):
        cv2.imwrite(str(pictures / f"{number:02d}.png"), np.zeros((360, 640, 3), dtype=np.uint8))
    words: list[str | Path] = ["edge", "gate", folder, "--headless", "--camera", pictures]
    with Child([*words, "--keep-all", "--frames-per-second", "10"]) as gate:
        events = iter(gate.hear, {})
        said = next(one for one in events if one["event"] == "hint")
        assert said == {"event": "hint", "hint": "black"}


def test_a_scan_api_that_cannot_start_ends_the_gate_with_a_sentence(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "gate", "gate")
    words = ("edge", "gate", folder, "--headless", "--api", "127.0.0.1:0")
    with Child(words) as gate:
        errors = gate.errors()
    assert gate.process.returncode == 1
    assert "gate-key" in errors
    assert "Traceback" not in errors
