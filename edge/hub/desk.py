"""What a hub can be told: who is the authority, and to hand it back."""

from collections.abc import Callable
from typing import Final

from edge.headless import Answer, BadCommand, Command, text
from edge.hub.authority import HandBackRefused, HubAuthority
from edge.hub.sayings import say
from edge.limits import SCANNED_CHARS_MAX
from edge.staff import NotAllowed, Staff
from edge.terminal import Terminal
from sync import catalogue, handover
from sync.codes import open_code
from sync.facts import Right
from sync.handover import OFFICE
from sync.keys import PIN_DIGITS_MAX

AUTHORITY: Final = "authority"


class HubDesk:
    """A hub's commands; in the lane only."""

    def __init__(self, terminal: Terminal, authority: HubAuthority, *, needs_staff: bool) -> None:
        """Work for this hub; with `needs_staff` handing back wants a supervisor's badge and PIN.

        Scripts on the box are not asked, as long as they show none.
        """
        self._terminal = terminal
        self._authority = authority
        self._staff = Staff(terminal, Right.SUPERVISOR)
        self._needs_staff = needs_staff

    def commands(self) -> dict[str, Callable[[Command], Answer]]:
        """Return what a hub can be told."""
        return {AUTHORITY: self.authority, "hand_back": self._hand_back}

    def greeting(self) -> Answer:
        """Return what the first line says beyond the common part."""
        return {AUTHORITY: self._authority.is_mine}

    def authority(self, _: Command) -> Answer:
        """Say who is the authority, and how many tills this hub has heard to their end."""
        cells = self._terminal.store.shelf.cells
        now = handover.authority(cells)
        is_office = now.holder == OFFICE
        tills = [bar.terminal for bar in catalogue.bars(cells)]
        tills = [one for one in tills if not catalogue.is_revoked(cells, one)]
        return {
            "event": AUTHORITY,
            "holder": now.holder.hex(),
            "name": "" if is_office else catalogue.terminal_names(cells).get(now.holder, ""),
            "version": now.version,
            "mine": self._authority.is_mine,
            "lends": self._authority.lends,
            "tills": len(tills),
            "tills_level": len(tills) - len(self._authority.silent()),
        }

    def _hand_back(self, command: Command) -> Answer:
        """Give the authority back to the office; a supervisor's word, or a script's."""
        language = str(command.get("language", self._terminal.manifest.language))
        if "badge" in command:
            self._check(command, language)
        elif self._needs_staff and self._staff.is_needed():
            raise BadCommand(say("approval", language))
        try:
            record = self._authority.hand_back()
        except HandBackRefused as refused:
            raise BadCommand(say(refused.word, language)) from refused
        return {"event": "done", "fact": record.id.hex()}

    def _check(self, command: Command, language: str) -> None:
        """See that badge and PIN are a supervisor's; `BadCommand` if not."""
        cells = self._terminal.store.shelf.cells
        code = text(command, "badge", SCANNED_CHARS_MAX)
        shown = open_code(code, catalogue.issuing_keys(cells), self._terminal.manifest.festival)
        try:
            self._staff.check(shown, text(command, "pin", PIN_DIGITS_MAX), Right.SUPERVISOR)
        except NotAllowed as trouble:
            raise BadCommand(trouble.sentence(language)) from trouble
