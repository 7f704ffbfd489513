"""Who sells at this till, and who allowed what a seller alone may not: badge and PIN, each time."""

from typing import Final

from edge.bar.known_codes import KnownCodes
from edge.bar.sayings import say
from edge.headless import BadCommand, Command, text
from edge.limits import SCANNED_CHARS_MAX
from edge.staff import NotAllowed, Staff
from edge.terminal import Terminal
from sync import catalogue
from sync.codes import CodeRefusal, Ticket
from sync.facts import Right
from sync.keys import PIN_DIGITS_MAX
from sync.sentences import LANGUAGES

SELLING: Final = Right.SELLER | Right.CASHIER


class NeedsApproval(Exception):
    """A command waits for somebody's badge and PIN; nothing has happened."""


class Permits:
    """Rights at one till; in the lane only."""

    def __init__(self, terminal: Terminal, *, needs_staff: bool) -> None:
        """With `needs_staff` the till asks for people as soon as the office has named any."""
        self._terminal = terminal
        self._needs_staff = needs_staff
        self.staff = Staff(terminal, SELLING)
        self.codes = KnownCodes(terminal)

    @property
    def is_required(self) -> bool:
        """Whether anybody must sign in or approve here."""
        return self._needs_staff and self.staff.is_needed()

    @property
    def seller(self) -> int:
        """The badge of who sells, 0 if nobody is signed in."""
        return self.staff.signed_in or 0

    def check_open(self, language: str) -> None:
        """See that somebody who may sell is signed in; `BadCommand` if somebody must and is not."""
        if self._needs_staff and not self.staff.is_open():
            raise BadCommand(NotAllowed("no_right").sentence(language))

    def has(self, right: Right) -> bool:
        """Tell whether who is signed in has a right, or nobody needs to have any."""
        if not self.is_required:
            return True
        one = catalogue.staff(self._terminal.store.shelf.cells, self.seller)
        return one is not None and bool(one.rights & (right | Right.SUPERVISOR))

    def approver(self, command: Command, right: Right) -> int | None:
        """Return whose badge and PIN the command carries, if they give the right.

        None where nobody is asked; `NeedsApproval` if the command carries none, `BadCommand` why
        those that it carries are not taken.
        """
        if "badge" not in command:
            if self.is_required:
                raise NeedsApproval
            return None
        return self.checked(command, right)

    def checked(self, command: Command, right: Right) -> int:
        """Return the badge whose code and PIN the command carries; `BadCommand` if not taken."""
        shown = self.opened(text(command, "badge", SCANNED_CHARS_MAX))
        pin = text(command, "pin", PIN_DIGITS_MAX)
        try:
            return self.staff.check(shown, pin, right).badge
        except NotAllowed as trouble:
            raise BadCommand(trouble.sentence(self.language(command))) from trouble

    def sign_in(self, command: Command) -> str:
        """Let somebody take over the till; return their call sign, or `BadCommand` why not."""
        shown = self.opened(text(command, "badge", SCANNED_CHARS_MAX))
        pin = text(command, "pin", PIN_DIGITS_MAX)
        try:
            return self.staff.sign_in(shown, pin)
        except NotAllowed as trouble:
            raise BadCommand(trouble.sentence(self.language(command))) from trouble

    def opened(self, code: str) -> Ticket | CodeRefusal:
        """Return what a code's text opens to: a ticket, or why it is none."""
        return self.codes.opened(code)

    def language(self, command: Command) -> str:
        """Return the language in which a command wants its sentences."""
        asked = command.get("language")
        return asked if asked in LANGUAGES else self._terminal.manifest.language


def ask_approval(language: str) -> dict[str, str]:
    """Return the answer that asks for a badge and a PIN."""
    return {"event": "ask", "what": "approval", "sentence": say("approval", language)}
