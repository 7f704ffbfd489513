"""Giving the authority for wallets to a hub on the site, and taking it back from a lost one."""

from typing import Any

from cloud.terminals.queries import hubs, terminal_name
from sync import handover
from sync.catalogue import is_revoked
from sync.cells import Cells
from sync.facts import AuthorityHanded
from sync.handover import OFFICE

OFFICE_WORD = "the office"


class NotHanded(ValueError):
    """The authority cannot be given so; the message says what must be done first."""


def told(cells: Cells) -> dict[str, Any]:
    """Return who is the authority: holder (id in hex, "" the office), name, version, revoked."""
    now = handover.authority(cells)
    return {
        "holder": now.holder.hex(),
        "name": name_of(cells, now.holder),
        "version": now.version,
        "revoked": now.holder != OFFICE and is_revoked(cells, now.holder),
    }


def name_of(cells: Cells, holder: bytes) -> str:
    """Return what people call a holder."""
    return OFFICE_WORD if holder == OFFICE else terminal_name(cells, holder)


def given_to(cells: Cells, terminal: bytes, *, is_ready: bool) -> AuthorityHanded:
    """Return the fact by which the office gives the authority to a hub; `NotHanded` why not.

    `is_ready`: the office knows everything that was lent before.
    """
    holder = handover.authority(cells).holder
    name = terminal_name(cells, terminal)
    if terminal not in hubs(cells):
        message = f"{name} is no hub: only a hub or the office can lend"
        raise NotHanded(message)
    if is_revoked(cells, terminal):
        message = f"{name} was revoked: nothing that it says counts"
        raise NotHanded(message)
    if holder != OFFICE:
        message = (
            f"{name_of(cells, holder)} is the authority: let it hand back first, or, if it is lost,"
            " revoke it and take the authority back"
        )
        raise NotHanded(message)
    if not is_ready:
        message = (
            "the office has not read everything yet from the hub that handed back: let them"
            " exchange first, or revoke that hub if it is lost"
        )
        raise NotHanded(message)
    return handover.hand_over(cells, terminal)


def taken_back(cells: Cells) -> AuthorityHanded:
    """Return the fact by which the office takes the authority from a hub that was revoked.

    `NotHanded` if there is nothing to take, or if the hub could still be asked.
    """
    holder = handover.authority(cells).holder
    if holder == OFFICE:
        message = "the office is the authority already"
        raise NotHanded(message)
    if not is_revoked(cells, holder):
        name = terminal_name(cells, holder)
        message = (
            f"{name} is not revoked: let it hand back, which costs nothing. If it is lost,"
            f" revoke it first: ./guichet cloud revoke DIR --terminal {name!r}"
        )
        raise NotHanded(message)
    return handover.hand_over(cells, OFFICE)
