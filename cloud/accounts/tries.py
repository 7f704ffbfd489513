"""Slows down whoever guesses: tries are counted by account and by address, and waits grow.

A try counts when it begins and is taken back when it was right, so that many tries at once count
too. An account that does not exist is counted like one that does. While somebody must wait nothing
is compared and nothing more is counted; who is signed in already stays so.
"""

from ipaddress import IPv6Address, ip_address
from typing import Final

from cloud.accounts.service import Marks
from cloud.accounts.troubles import Wait
from cloud.limits import (
    TRIES_FORGOTTEN_AFTER_S,
    TRIES_OF_ACCOUNT_FREE,
    TRIES_OF_ADDRESS_FREE,
    TRIES_WAIT_FIRST_S,
    TRIES_WAIT_S_MAX,
)
from cloud.store.accounts import Books
from cloud.store.accounts_sessions import TriesBook, TryKind

_FREE: Final = {
    TryKind.ACCOUNT: TRIES_OF_ACCOUNT_FREE,
    TryKind.ADDRESS: TRIES_OF_ADDRESS_FREE,
    TryKind.REGISTERING: TRIES_OF_ADDRESS_FREE,
}
_NETWORK_BYTES: Final = 8
_DOUBLINGS_MAX: Final = 32
Tried = tuple[TryKind, bytes]
"""By what a try is counted."""


def by_account(email_mark: bytes) -> Tried:
    """Count by the account of an e-mail address, whether or not there is one."""
    return TryKind.ACCOUNT, email_mark


def by_address(marks: Marks, address: str, kind: TryKind = TryKind.ADDRESS) -> Tried:
    """Count by where somebody comes from; of IPv6 the first half, for the rest is one's own."""
    try:
        read = ip_address(address)
    except ValueError:
        return kind, marks.of("address", address.encode("utf-8", "replace"))
    if isinstance(read, IPv6Address) and read.ipv4_mapped is None:
        return kind, marks.of("address", read.packed[:_NETWORK_BYTES])
    mapped = read.ipv4_mapped if isinstance(read, IPv6Address) else read
    return kind, marks.of("address", (mapped or read).packed)


def begin(books: Books, tried: list[Tried], now_ms: int) -> Wait | None:
    """Count a try (Unix ms), or say how long to wait; inside a transaction."""
    book = books.tries
    book.forget_before(now_ms - TRIES_FORGOTTEN_AFTER_S * 1_000)
    counts = [(kind, mark, *book.count(kind, mark)) for kind, mark in tried]
    ready_ms = max(last_ms + wait_s(kind, tries) * 1_000 for kind, _, tries, last_ms in counts)
    if ready_ms > now_ms:
        return Wait(-((now_ms - ready_ms) // 1_000))
    for kind, mark, tries, _ in counts:
        book.put(kind, mark, tries + 1, now_ms)
    return None


def was_right(books: Books, tried: list[Tried]) -> None:
    """Take back a try that was right: its account starts anew, its address has one less."""
    for kind, mark in tried:
        _take_back(books.tries, kind, mark)


def wait_s(kind: TryKind, tries: int) -> int:
    """Return how many seconds must pass after so many tries before the next."""
    beyond = tries - _FREE[kind]
    if beyond < 0:
        return 0
    return min(TRIES_WAIT_FIRST_S << min(beyond, _DOUBLINGS_MAX), TRIES_WAIT_S_MAX)


def _take_back(book: TriesBook, kind: TryKind, mark: bytes) -> None:
    tries, last_ms = book.count(kind, mark)
    if kind is TryKind.ACCOUNT or tries <= 1:
        book.forget(kind, mark)
    else:
        book.put(kind, mark, tries - 1, last_ms)
