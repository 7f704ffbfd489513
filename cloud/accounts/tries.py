"""Slows down whoever guesses: tries are counted by account and by address, and waits grow.

A try counts when it begins and is taken back when it was right, so that many tries at once count
too. An account that does not exist is counted like one that does. While somebody must wait nothing
is compared and nothing more is counted; who is signed in already stays so. Thousands of guests may
come from one address and some mistype: there a try is forgiven every few seconds.
"""

from typing import Final

from cloud.accounts.service import Marks
from cloud.accounts.troubles import Wait
from cloud.forwarding import network_of
from cloud.limits import (
    TRIES_FORGOTTEN_AFTER_S,
    TRIES_OF_ACCOUNT_FREE,
    TRIES_OF_ACCOUNT_WAIT_S_MAX,
    TRIES_OF_ADDRESS_FREE,
    TRIES_OF_ADDRESS_WAIT_S_MAX,
    TRIES_WAIT_FIRST_S,
    TRY_OF_ADDRESS_FORGIVEN_EVERY_S,
)
from cloud.store.accounts import Books
from cloud.store.accounts_sessions import Tries, TryKind

_FREE: Final = {
    TryKind.ACCOUNT: TRIES_OF_ACCOUNT_FREE,
    TryKind.ADDRESS: TRIES_OF_ADDRESS_FREE,
    TryKind.REGISTERING: TRIES_OF_ADDRESS_FREE,
}
_DOUBLINGS_MAX: Final = 32
_EASED_MS: Final = TRY_OF_ADDRESS_FORGIVEN_EVERY_S * 1_000
Tried = tuple[TryKind, bytes]
"""By what a try is counted."""


def by_account(email_mark: bytes) -> Tried:
    """Count by the account of an e-mail address, whether or not there is one."""
    return TryKind.ACCOUNT, email_mark


def by_address(marks: Marks, address: str, kind: TryKind = TryKind.ADDRESS) -> Tried:
    """Count by the network from which somebody comes."""
    return kind, marks.of("address", network_of(address))


def begin(books: Books, tried: list[Tried], now_ms: int) -> Wait | None:
    """Count a try (Unix ms), or say how long to wait; inside a transaction."""
    book = books.tries
    book.forget_before(now_ms - TRIES_FORGOTTEN_AFTER_S * 1_000)
    found = []
    for kind, mark in tried:
        known = book.find(kind, mark) or Tries(0, 0, now_ms)
        found.append((kind, mark, eased(kind, known, now_ms)))
    ready_ms = max(tries.last_ms + wait_s(kind, tries.count) * 1_000 for kind, _, tries in found)
    if ready_ms > now_ms:
        return Wait(-((now_ms - ready_ms) // 1_000))
    for kind, mark, tries in found:
        book.put(kind, mark, Tries(tries.count + 1, now_ms, tries.eased_ms))
    return None


def was_right(books: Books, tried: list[Tried]) -> None:
    """Take back a try that was right: its account starts anew, its address has one less."""
    for kind, mark in tried:
        tries = books.tries.find(kind, mark)
        if tries is None or tries.count <= 1 or kind is TryKind.ACCOUNT:
            books.tries.forget(kind, mark)
        else:
            fewer = Tries(tries.count - 1, tries.last_ms, tries.eased_ms)
            books.tries.put(kind, mark, fewer)


def wait_s(kind: TryKind, tries: int) -> int:
    """Return how many seconds must pass after so many tries before the next."""
    beyond = tries - _FREE[kind]
    if beyond < 0:
        return 0
    is_account = kind is TryKind.ACCOUNT
    longest = TRIES_OF_ACCOUNT_WAIT_S_MAX if is_account else TRIES_OF_ADDRESS_WAIT_S_MAX
    return min(TRIES_WAIT_FIRST_S << min(beyond, _DOUBLINGS_MAX), longest)


def eased(kind: TryKind, tries: Tries, now_ms: int) -> Tries:
    """Return the tries that still count now (Unix ms); those of an account count until a rest."""
    if kind is TryKind.ACCOUNT:
        return tries
    forgiven = max(0, (now_ms - tries.eased_ms) // _EASED_MS)
    if forgiven >= tries.count:
        return Tries(0, tries.last_ms, now_ms)
    return Tries(tries.count - forgiven, tries.last_ms, tries.eased_ms + forgiven * _EASED_MS)
