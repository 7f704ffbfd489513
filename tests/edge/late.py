"""A festival that has been going on, and boxes that come to it late, for the tests of joining."""

from dataclasses import replace
from pathlib import Path

import pytest

from cloud.settings import open_office
from cloud.snapshots.making import folder_of
from edge.chores import report
from edge.joining import open_terminal
from edge.looking_back import LookingBack
from edge.office_exchange import PATH
from edge.office_line import OfficeLine, Patience
from edge.office_talk import OfficeTalk
from edge.terminal import Terminal
from edge.timekeeper import TimeTold
from sync.cells import area_hashes
from sync.conversation import BadMessage
from sync.facts import Refused
from sync.keys import digest
from sync.names import AREAS_OF_ROLE, Role
from sync.snapshot import (
    Digest,
    Head,
    pages_of,
    parts_of,
    read_head,
    read_page,
    spell_head,
)
from tests.rehearsal.boxes import Office, guichet
from tests.rehearsal.joiner_world import FESTIVAL, ZONE, make_office

TICKETS, FACTS = 60, 900
ROLES = ("gate", "bar")
REFUSAL = Refused(None, b"digest8!", "not_a_code", ZONE, None)


class Late:
    """The office of a festival that has been going on, and boxes that come to it."""

    def __init__(self, folder: Path) -> None:
        make_office(folder / "office", TICKETS, FACTS, lambda *_: None)
        self.office = Office.of(folder / "office")
        self.office.serve()
        self.opened = open_office(self.office.folder)
        self._boxes = folder
        self._count = 0

    def snapshot(self) -> None:
        guichet("cloud", "snapshot", self.office.folder)

    def enrolled(self, role: str) -> Path:
        self._count += 1
        folder = self._boxes / f"box-{self._count}"
        self.office.enrol(folder, role, f"Late {self._count}", ZONE, self.office.port)
        return folder

    def hashes(self, role: Role) -> dict[str, str]:
        found: dict[str, str] = self.office.ask("/api/v1/summary")["hashes"]
        return {area.name.lower(): found[area.name.lower()] for area in AREAS_OF_ROLE[role]}

    def files(self, role: Role) -> Path:
        return folder_of(self.office.folder, role)

    def head(self, role: Role) -> Head:
        content = (self.files(role) / "head").read_bytes()
        return read_head(content, self.opened.key.public, FESTIVAL, role)

    def pages(self, role: Role) -> list[bytes]:
        return [
            page
            for mark, _ in self.head(role).parts
            for page in pages_of((self.files(role) / f"{mark.hex()}.part").read_bytes(), mark)
        ]

    def puts(self, role: Role, pages: list[bytes], **more: object) -> None:
        """Put other pages in the place of a snapshot's, signed by the office's own key."""
        marks = []
        whole = Digest()
        for page in pages:
            if read_page(page)[0] > 2:
                whole.add(page)
        for part in parts_of(pages):
            (self.files(role) / f"{digest(part).hex()}.part").write_bytes(part)
            marks.append((digest(part), len(part)))
        told = {"parts": tuple(marks), "cells_digest": whole.value(), **more}
        head = replace(self.head(role), **told)  # type: ignore[arg-type]  # by name
        (self.files(role) / "head").write_bytes(spell_head(head, self.opened.key))


def role_of(name: str) -> Role:
    return Role.GATE if name == "gate" else Role.BAR


def joined(folder: Path, role: Role) -> Terminal:
    terminal = open_terminal(folder, role)
    if not terminal.is_recovering:
        terminal.open_run()
    terminal.start()
    return terminal


def level(terminal: Terminal) -> None:
    """Exchange with the office until neither has anything to say, and hear from it what time it is.

    A gate that does not know the time does not count out whoever stayed in over the night.
    """
    talk, line = OfficeTalk(terminal), OfficeLine(terminal, Patience(3, 10, 30_000))
    for _ in range(100):
        answer = line.post(PATH, terminal.lane.run(talk.say))
        office_ms = line.office_ms(answer)
        assert office_ms is not None
        told = TimeTold(office_ms, answer.asked_ms, answer.answered_ms)
        heard = terminal.lane.run(lambda a=answer, t=told: talk.hear(a.body, t))  # type: ignore[misc]
        assert not isinstance(heard, BadMessage)
        if not heard.more:
            line.close()
            return
    pytest.fail("the conversation does not end")


def look_back(terminal: Terminal) -> LookingBack:
    looking = LookingBack(terminal)
    looking.run()
    return looking


def hashes(terminal: Terminal) -> dict[str, str]:
    areas = AREAS_OF_ROLE[terminal.role]
    return terminal.lane.run(lambda: area_hashes(terminal.store.shelf.cells, areas))


def is_sound(late: Late, terminal: Terminal) -> bool:
    """Tell whether a box stands on its own records and holds what the office holds."""
    level(terminal)
    store = terminal.store
    assert terminal.lane.run(lambda: (store.standing, terminal.replica.covered)) == (None, None)
    found = report(terminal.folder)
    assert found["is_well"], found
    return hashes(terminal) == late.hashes(terminal.role)
