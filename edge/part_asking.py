"""Whom a box asks for a part of a quota: whoever lends, else who holds much of it.

The authority, the office or a hub, lends out of what is free. Where it cannot be reached, or has
nothing left, a neighbour that holds more than it needs passes some on; it deducts first, so nothing
is ever there twice.
"""

from typing import Final

from edge.lane import LaneFull, LaneStopped
from edge.limits import GIVERS_ASKED_MAX, PART_ASKING_MS_MAX
from edge.neighbours.site import Neighbours
from edge.office_line import LineTrouble, OfficeLine, Patience
from edge.terminal import Terminal
from edge.uplink import Uplink
from sync import allotments, handover
from sync.asking import AUTHORITY_PATH, BadAsking, Question, Reply, read_reply, spell
from sync.handover import OFFICE
from sync.names import TerminalId

PART_PATH: Final = "/sync/v1/part"
_ASKING_S: Final = PART_ASKING_MS_MAX / 1_000
_PATIENCE: Final = Patience(_ASKING_S, _ASKING_S, PART_ASKING_MS_MAX)


class PartAsking:
    """Questions of one thread for parts; never from the lane."""

    def __init__(self, terminal: Terminal, uplink: Uplink, neighbours: Neighbours | None) -> None:
        """Ask for this terminal."""
        self._terminal = terminal
        self._uplink = uplink
        self._neighbours = neighbours
        self._line = OfficeLine(terminal, _PATIENCE)

    @property
    def is_possible(self) -> bool:
        """Tell whether there is anybody to ask."""
        return self._uplink.is_connected or self._terminal.lan()["neighbours"] > 0

    def ask(self, question: Question) -> Reply | None:
        """Return the first answer that grants something, else the last, None if there is none."""
        reply = self._of_authority(question)
        if self._neighbours is None or (reply is not None and reply.granted):
            return reply
        for giver in self._givers(question):
            found = self._of_neighbour(giver, question)
            if found is not None and found.granted:
                return found
        return reply

    def close(self) -> None:
        """Let the line to the office go."""
        self._line.close()

    def _of_authority(self, question: Question) -> Reply | None:
        """Ask whoever lends: the office, or a hub of the site."""
        holder = self._holder()
        if holder is None:
            return None
        if holder != OFFICE:
            return self._of_neighbour(TerminalId(holder), question, AUTHORITY_PATH)
        if not self._uplink.is_connected:
            return None
        try:
            return read_reply(self._line.post(AUTHORITY_PATH, spell(question)).body)
        except (LineTrouble, BadAsking):
            return None

    def _holder(self) -> bytes | None:
        terminal = self._terminal
        try:
            return terminal.lane.run(lambda: handover.authority(terminal.store.shelf.cells).holder)
        except (LaneFull, LaneStopped):
            return None

    def _of_neighbour(
        self, giver: TerminalId, question: Question, path: str = PART_PATH
    ) -> Reply | None:
        if self._neighbours is None:
            return None
        body = self._neighbours.ask(giver, path, spell(question), PART_ASKING_MS_MAX)
        try:
            return None if body is None else read_reply(body)
        except BadAsking:
            return None

    def _givers(self, question: Question) -> list[TerminalId]:
        """Return who holds most of what is asked for, as far as is known here."""
        resource = question.resource
        if resource is None:
            return []
        terminal = self._terminal

        def job() -> list[TerminalId]:
            parts = allotments.holdings(terminal.store.shelf.cells, resource)
            parts.pop(terminal.manifest.terminal_id, None)
            parts.pop(allotments.COUNTER, None)  # the office's, whom nobody meets on the way
            most = sorted(parts, key=lambda one: parts[one].held, reverse=True)
            return [TerminalId(one) for one in most if parts[one].held > 0][:GIVERS_ASKED_MAX]

        try:
            return terminal.lane.run(job)
        except (LaneFull, LaneStopped):
            return []
