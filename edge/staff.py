"""Who works at this terminal: badges, PINs, and how often a wrong one may be tried.

A badge is a signed code and its PIN is known to its holder; the journal keeps who came and went and
every wrong PIN. Five wrong ones within five minutes lock the badge here for five minutes, and a
restart forgets none of them.
"""

from typing import Final

from edge.limits import (
    PIN_LOCK_MS,
    PIN_TRIES_MAX,
    SHIFT_MS_MAX,
    STAFF_FACTS_READ_MAX,
)
from edge.terminal import Terminal
from sync import catalogue
from sync.clock import ClockState
from sync.codes import CodeKind, Ticket
from sync.facts import PinRefused, Right, SignedIn, SignedOut, StaffSet
from sync.keys import pin_fits

WORDS: Final = {
    "not_a_badge": ("This is not a staff badge.", "Ce n'est pas un badge du personnel."),
    "unknown_badge": (
        "This badge has no rights here. Ask the organiser.",
        "Ce badge n'a aucun droit ici. Demandez à l'organisateur.",
    ),
    "no_right": (
        "This badge may not do that. Call a supervisor.",
        "Ce badge ne permet pas cela. Appelez un responsable.",
    ),
    "locked": (
        "Too many wrong PINs: this badge is locked here for {0} more minutes.",
        "Trop de codes PIN faux : ce badge est bloqué ici pour encore {0} minutes.",
    ),
    "wrong_pin": (
        "This is not the PIN of this badge. {0} more tries.",
        "Ce n'est pas le code PIN de ce badge. Encore {0} essais.",
    ),
    "recovering": (
        "This box lost its records and records nothing: nobody can sign in.",
        "Cet appareil a perdu ses données et n'enregistre rien : personne ne peut se connecter.",
    ),
}


class NotAllowed(Exception):
    """Badge and PIN were not taken; `reason` is one of `WORDS`, `sentence` says it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """Name the reason and what its sentence needs."""
        super().__init__(reason)
        self.reason = reason
        self.detail = detail

    def sentence(self, language: str) -> str:
        """Return why, in ``en`` or ``fr``."""
        english, french = WORDS[self.reason]
        return (french if language == "fr" else english).format(self.detail)


class Staff:
    """Badge and PIN checks of one terminal; in the lane only."""

    def __init__(self, terminal: Terminal, right: Right) -> None:
        """Let people with this right sign in; who was signed in before a restart still is."""
        self._terminal = terminal
        self._right = right
        self._failed_ms: dict[int, list[int]] = {}
        self.signed_in: int | None = None
        self._needed = (-1, False)
        self._remember()

    def is_needed(self) -> bool:
        """Tell whether somebody must sign in first: as soon as the office has named who may.

        Somebody from whom all rights were taken counts too, or taking the last one's right away
        would open the terminal to everybody.
        """
        cells = self._terminal.store.shelf.cells
        version = catalogue.office_version(cells)
        if version != self._needed[0]:  # everybody is looked at once for each word of the office
            may = self._right | Right.SUPERVISOR
            everyone = catalogue.all_staff(cells)
            self._needed = (version, any(one.rights & may or not one.rights for one in everyone))
        return self._needed[1]

    def is_open(self) -> bool:
        """Tell whether the terminal may be worked at: signed in, or nobody needs to."""
        if self.signed_in is not None and not self._may(self.signed_in):
            self.signed_in = None  # the office took the right away
        return self.signed_in is not None or not self.is_needed()

    def label(self) -> str:
        """Return the call sign of who is signed in, "" if nobody is."""
        one = self._one(self.signed_in)
        return "" if one is None else one.label

    def sign_in(self, shown: object, pin: str) -> str:
        """Let somebody take over the terminal; return their call sign. `NotAllowed` says why not.

        `shown` is what the badge's code opened to.
        """
        one = self.check(shown, pin, self._right)
        self.sign_out()
        self._terminal.record(SignedIn(one.badge))
        self.signed_in = one.badge
        return one.label

    def sign_out(self) -> None:
        """Close the terminal until the next one signs in."""
        if self.signed_in is not None:
            self._terminal.record(SignedOut(self.signed_in))
            self.signed_in = None

    def check(self, shown: object, pin: str, right: Right) -> StaffSet:
        """Return whose badge and PIN these are if they give this right; `NotAllowed` says why not.

        A wrong PIN is recorded. It takes some hundredths of a second, as Argon2id is meant to.
        """
        one = self.badge(shown, right)
        if self._terminal.is_recovering:
            raise NotAllowed("recovering")
        failed = self._failed(one.badge)
        if len(failed) >= PIN_TRIES_MAX:
            left_ms = failed[-1] + PIN_LOCK_MS - self._now_ms()
            raise NotAllowed("locked", str(-(-left_ms // 60_000)))
        if one.pin is None or not pin_fits(pin, one.pin):
            self._terminal.record(PinRefused(one.badge))
            failed.append(self._now_ms())
            self._failed_ms[one.badge] = failed
            raise NotAllowed("wrong_pin", str(PIN_TRIES_MAX - len(failed)))
        self._failed_ms.pop(one.badge, None)
        return one

    def badge(self, shown: object, right: Right) -> StaffSet:
        """Return whose badge this is if it gives this right, before any PIN; else `NotAllowed`."""
        if not isinstance(shown, Ticket) or shown.kind is not CodeKind.STAFF_BADGE:
            raise NotAllowed("not_a_badge")
        one = self._one(shown.serial)
        if one is None or not one.rights:
            raise NotAllowed("unknown_badge")
        if not one.rights & (right | Right.SUPERVISOR):
            raise NotAllowed("no_right")
        return one

    def _may(self, badge: int) -> bool:
        one = self._one(badge)
        return one is not None and bool(one.rights & (self._right | Right.SUPERVISOR))

    def _one(self, badge: int | None) -> StaffSet | None:
        return None if badge is None else catalogue.staff(self._terminal.store.shelf.cells, badge)

    def _now_ms(self) -> int:
        return self._terminal.timekeeper.monotonic_ms()

    def _failed(self, badge: int) -> list[int]:
        """Return when wrong PINs of a badge were tried lately, in steady milliseconds."""
        since_ms = self._now_ms() - PIN_LOCK_MS
        return [at for at in self._failed_ms.get(badge, []) if at > since_ms]

    def _remember(self) -> None:
        """Read from the own journal who was signed in, and the wrong PINs of the last minutes."""
        terminal = self._terminal
        moment, steady_ms = terminal.moment(), self._now_ms()
        is_unsure = moment.quality.state is ClockState.UNKNOWN
        newest = terminal.store.newest_of(terminal.manifest.terminal_id, STAFF_FACTS_READ_MAX)
        cleared: set[int] = set()
        is_last = True
        for record in newest:
            body = record.body
            age_ms = max(0, moment.now_ms - record.stamp.physical_ms)
            match body:
                case PinRefused() if body.badge not in cleared:
                    at_ms = steady_ms if is_unsure else steady_ms - age_ms
                    self._failed_ms.setdefault(body.badge, []).insert(0, at_ms)
                case SignedIn():
                    cleared.add(body.badge)
                    if is_last and (is_unsure or age_ms < SHIFT_MS_MAX):
                        self.signed_in = body.badge
                    is_last = False
                case SignedOut():
                    is_last = False
                case _:
                    pass
