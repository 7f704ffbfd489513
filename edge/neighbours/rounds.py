"""Whom a box talks to, and when: a pure policy, told what happened and handed its chance.

Three ways, so that what is urgent is fast and what each box does is bounded, however many there
are. An admission is told at once to every gate of the zone, up to `TOLD_MAX`, beyond that to so
many at random: three at random would miss a few second gates in a hundred. Everything else, and
what others brought, goes to the few partners of the box's view, and from theirs to theirs. With one
of them, drawn each time, it exchanges when nothing happens at all, which repairs what was lost.

The view is small and drawn at random, because two boxes that exchange by position send each other
all that the other has not brought: with everybody, each fact would come once from every box. One
partner of the view is drawn anew from time to time, so that no two islands of views stay.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sync.names import Role, TerminalId

TOLD_MAX: Final = 16
VIEW_MAX: Final = 4
OTHERS_IN_VIEW_MAX: Final = 1
VIEW_LIFE_MS: Final = 120_000
QUIET_MS_MIN: Final = 1_500
QUIET_MS_MAX: Final = 2_500
NEWS_GAP_MS: Final = 400
LOST_MS_MIN: Final = 1_000
LOST_MS_MAX: Final = 3_000

Draw = Callable[[int], int]
"""Draws a whole number from 0 up to, not including, its argument."""


@dataclass(slots=True)
class _Known:
    role: Role
    zone: int | None
    last_ms: int | None = None
    failures: int = 0
    again_ms: int = 0

    def is_reachable(self, now_ms: int) -> bool:
        return not self.failures or now_ms >= self.again_ms


class Rounds:
    """One box's choice of partners; times are of the steady clock, in ms."""

    def __init__(self, role: Role, draw: Draw) -> None:
        """Choose for a box of this role."""
        self._role = role
        self._draw = draw
        self._known: dict[TerminalId, _Known] = {}
        self._view: list[TerminalId] = []
        self._view_ms: int | None = None
        self._quiet_ms: int | None = None
        self._was_centre = False
        self.centre: TerminalId | None = None

    @property
    def view(self) -> tuple[TerminalId, ...]:
        """The partners with whom this box exchanges just now, the centre always among them.

        `centre` is a hub that must hear this box within seconds, as the authority must a till.
        """
        centre = self.centre
        if centre is None or centre not in self._known or centre in self._view:
            return tuple(self._view)
        return (*self._view, centre)

    @property
    def heard(self) -> list[TerminalId]:
        """Those who answered the last time that they were asked."""
        return [one for one, known in self._known.items() if known.last_ms and not known.failures]

    def meet(self, partner: TerminalId, role: Role, zone: int | None = None) -> None:
        """Note a box that may be talked to; its zone where it is a gate that has one."""
        known = self._known.get(partner)
        if known is None:
            self._known[partner] = _Known(role, zone)
        else:
            known.role, known.zone = role, zone

    def forget(self, partner: TerminalId) -> None:
        """Forget a box that is not there any more or must not be talked to."""
        self._known.pop(partner, None)
        if partner in self._view:
            self._view.remove(partner)

    def answered(self, partner: TerminalId, now_ms: int) -> None:
        """Note that a box answered, or asked by itself."""
        known = self._known.get(partner)
        if known is not None:
            known.last_ms, known.failures = now_ms, 0

    def failed(self, partner: TerminalId, now_ms: int) -> None:
        """Note that a box did not answer: it leaves the view and is asked ever less often."""
        known = self._known.get(partner)
        if known is None:
            return
        known.failures += 1
        most = min(LOST_MS_MAX, LOST_MS_MIN << min(known.failures - 1, 10))
        known.again_ms = now_ms + most // 2 + self._draw(most // 2 + 1)
        if partner in self._view and len(self._candidates(now_ms)) > len(self._view):
            self._view.remove(partner)

    def told_at_once(self, zone: int | None, now_ms: int) -> list[TerminalId]:
        """Return who hears of an admission to a zone the moment that it is on the disk.

        Gates of another zone hear of it too as long as there is room: a guest who enters one zone
        leaves another.
        """
        gates = [
            one
            for one, known in self._known.items()
            if known.role in {Role.GATE, Role.HUB} and known.is_reachable(now_ms)
        ]
        near = [one for one in gates if self._known[one].zone in {zone, None}]
        far = [one for one in gates if one not in near]
        chosen = self._some(near, TOLD_MAX)
        return chosen + self._some(far, TOLD_MAX - len(chosen))

    def told_news(self, has_news: Callable[[TerminalId], bool], now_ms: int) -> list[TerminalId]:
        """Return which partners of the view to exchange with because something is new to them."""
        self._renew(now_ms)
        due = []
        for one in self.view:
            known = self._known[one]
            is_fresh = known.last_ms is not None and now_ms - known.last_ms < NEWS_GAP_MS
            if known.is_reachable(now_ms) and not is_fresh and has_news(one):
                due.append(one)
        return due

    def quiet(self, now_ms: int) -> TerminalId | None:
        """Return the partner of the quiet exchange if its time has come, else None.

        Every second one is with the centre.
        """
        self._renew(now_ms)
        if self._quiet_ms is None:
            self._quiet_ms = now_ms + self._draw(QUIET_MS_MAX)
        if now_ms < self._quiet_ms:
            return None
        span_ms = QUIET_MS_MAX - QUIET_MS_MIN + 1
        self._quiet_ms = now_ms + QUIET_MS_MIN + self._draw(span_ms)
        ready = [one for one in self.view if self._known[one].is_reachable(now_ms)]
        self._was_centre = not self._was_centre and self.centre in ready
        if self._was_centre:
            return self.centre
        return ready[self._draw(len(ready))] if ready else None

    def _renew(self, now_ms: int) -> None:
        """Fill the view, and give one place in it to somebody else from time to time."""
        if self._view_ms is None:
            self._view_ms = now_ms
        if now_ms - self._view_ms >= VIEW_LIFE_MS:
            self._view_ms = now_ms
            if len(self._candidates(now_ms)) > len(self._view) >= VIEW_MAX:
                del self._view[self._draw(len(self._view))]
        if len(self._view) >= VIEW_MAX:
            return
        free = [one for one in self._candidates(now_ms) if one not in self._view]
        alike = [one for one in free if self._is_alike(one)]
        others = [one for one in free if not self._is_alike(one)]
        places = OTHERS_IN_VIEW_MAX - sum(not self._is_alike(one) for one in self._view)
        places = min(places, VIEW_MAX - len(self._view))
        self._view += self._some(others, max(0, places))
        self._view += self._some(alike, VIEW_MAX - len(self._view))
        if not alike:  # nobody keeps the same journals: others pass on at least the office's word
            rest = [one for one in others if one not in self._view]
            self._view += self._some(rest, VIEW_MAX - len(self._view))

    def _is_alike(self, partner: TerminalId) -> bool:
        """Tell whether a partner keeps the journals that this box keeps."""
        role = self._known[partner].role
        return role in {self._role, Role.HUB} or self._role is Role.HUB

    def _candidates(self, now_ms: int) -> list[TerminalId]:
        return [one for one, known in self._known.items() if known.is_reachable(now_ms)]

    def _some(self, among: Iterable[TerminalId], most: int) -> list[TerminalId]:
        """Return at most so many of them, drawn at random."""
        left, chosen = list(among), list[TerminalId]()
        while left and len(chosen) < most:
            chosen.append(left.pop(self._draw(len(left))))
        return chosen
