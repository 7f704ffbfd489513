"""Boxes for the tests of a terminal: enrolled folders from fixed keys, and an office's word."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from edge.headless import Answer, BadCommand, Command, Desk
from edge.terminal import Terminal
from hardware.bench import ManualClock
from provisioning.keys import make_key_file
from provisioning.manifest import IDENTITY_FILE, ROLES, Manifest, save
from sync.certificates import Certificate, Subject, certify
from sync.clock import TRUSTED_CLOCK, Moment
from sync.codes import CodeKind, Ticket, issue
from sync.facts import Body, CertificateIssued
from sync.journal import Writer
from sync.keys import SecretKey
from sync.names import FestivalId, Role, RunId, TerminalId

CHECKOUT = Path(__file__).resolve().parents[2]
FESTIVAL = 7
NOW_MS = 1_795_000_000_000
FESTIVAL_KEY = SecretKey(bytes([1]) * 32)
OFFICE_KEY = SecretKey(bytes([2]) * 32)
ISSUING_KEY = SecretKey(bytes([3]) * 32)
OFFICE_CERTIFICATE = certify(
    Certificate(
        FESTIVAL, Subject.OFFICE, Role.OFFICE, b"office", OFFICE_KEY.public, "Office", 0, 0
    ),
    FESTIVAL_KEY,
)


def writer_certificate(role: Role, terminal: bytes, key: SecretKey, name: str) -> bytes:
    """Return the office's certificate of a writer."""
    one = Certificate(FESTIVAL, Subject.WRITER, role, terminal, key.public, name, 0, 0)
    return certify(one, OFFICE_KEY)


def make_folder(folder: Path, role: str, number: int = 10, office: str = "") -> Path:
    """Fill a folder as an enrolment would and return it."""
    folder.mkdir(mode=0o700)
    key = make_key_file(folder / IDENTITY_FILE, bytes([number]) * 32)
    terminal = bytes([number]) * 16
    writer = ROLES[role]
    manifest = Manifest(
        festival=FESTIVAL,
        festival_name="Test",
        festival_key=FESTIVAL_KEY.public.raw.hex(),
        terminal=terminal.hex(),
        role=role,
        name=folder.name,
        office=office or "http://127.0.0.1:9",
        currency="EUR",
        time_zone="UTC",
        language="en",
        day_boundary_minutes=360,
        certificates=(
            OFFICE_CERTIFICATE.hex(),
            writer_certificate(writer, terminal, key, folder.name).hex(),
        ),
    )
    save(manifest, folder)
    return folder


def office_says(terminal: Terminal, *bodies: Body, number: int = 40) -> None:
    """Let a terminal take facts that an office process has written."""
    key = SecretKey(bytes([number]) * 32)
    name = TerminalId(bytes([number]) * 16)
    pen = Writer(FestivalId(FESTIVAL), name, RunId(name), SecretKey(bytes([number + 1]) * 32))
    moment = Moment(NOW_MS, TRUSTED_CLOCK)
    chain = (OFFICE_CERTIFICATE, writer_certificate(Role.OFFICE, name, key, "Office"))
    records = [pen.open(key, chain, None, "test", "boot", moment)]
    issuing = Certificate(
        FESTIVAL, Subject.ISSUING_KEY, Role.OFFICE, bytes([1]), ISSUING_KEY.public, "1", 0, 0
    )
    records.append(pen.write(CertificateIssued(certify(issuing, OFFICE_KEY)), moment))
    records += [pen.write(body, moment) for body in bodies]
    with terminal.store.transaction():
        terminal.replica.take([record.raw for record in records])
        terminal.heard(terminal.moment())


def hear_of_a_copy(terminal: Terminal, *bodies: Body) -> None:
    """Let a terminal take what a copy of its folder has written, which began from nothing."""
    manifest = terminal.manifest
    run_key = SecretKey(bytes([91]) * 32)
    pen = Writer(manifest.festival_id, manifest.terminal_id, RunId(bytes([90]) * 16), run_key)
    moment = Moment(NOW_MS, TRUSTED_CLOCK)
    records = [pen.open(terminal.identity, manifest.chain, None, "test", "boot", moment)]
    records += [pen.write(body, moment) for body in bodies]
    with terminal.store.transaction():
        terminal.replica.take([record.raw for record in records])


def code_of(serial: int, kind: CodeKind = CodeKind.TICKET, ticket_type: int = 1) -> str:
    """Return the text of a code that the test festival has issued."""
    return issue(Ticket(kind, 1, FESTIVAL, serial, ticket_type, 0, 0, 0), ISSUING_KEY)


def opened(folder: Path, role: Role, clock: ManualClock | None = None) -> Terminal:
    """Open a folder with a clock that is trusted and moved by hand, and start its lane."""
    terminal = Terminal(folder, role, clock=clock or ManualClock(NOW_MS), synchronised=True)
    terminal.start()
    return terminal


def told(terminal: Terminal, desk: Desk, what: str, command: Command) -> Answer:
    """Give a desk a command in the lane; `BadCommand` comes out of it as in a headless box."""

    def job() -> Answer | BadCommand:
        try:
            return desk.commands()[what](command)
        except BadCommand as trouble:
            return trouble

    answer = terminal.lane.run(job)
    if isinstance(answer, BadCommand):
        raise answer
    return answer


class Child:
    """A terminal's process, spoken to through its pipes."""

    def __init__(self, words: Sequence[str | Path], limit_bytes: int = 0) -> None:
        """Start `python -m WORDS`; no file may grow beyond the limit, if there is one."""

        def limit() -> None:
            import resource

            if limit_bytes:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

        self.process = subprocess.Popen(
            [sys.executable, "-m", *map(str, words)],
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=limit if limit_bytes else None,  # noqa: PLW1509 - before any thread
        )

    def __enter__(self) -> Self:
        """Use the process within a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()

    def hear(self) -> dict[str, Any]:
        """Return the next line that the process says; an empty one when it has ended."""
        out = self.process.stdout
        assert out is not None
        line = out.readline()
        return json.loads(line) if line else {}

    def say(self, **command: Any) -> None:
        """Give a command."""
        pipe = self.process.stdin
        assert pipe is not None
        pipe.write(json.dumps(command).encode() + b"\n")
        pipe.flush()

    def ask(self, **command: Any) -> dict[str, Any]:
        """Give a command and return the answer."""
        self.say(**command)
        return self.hear()

    def hang_up(self) -> None:
        """Say nothing more."""
        pipe, self.process.stdin = self.process.stdin, None
        assert pipe is not None
        pipe.close()

    def errors(self) -> str:
        """Wait for the end and return what was written to the error stream."""
        return self.process.communicate(timeout=30)[1].decode()
