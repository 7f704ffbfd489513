"""Mistakes about what is on the disk, and when."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from edge.store.shelf import SqliteShelf
from edge.store.store import Store, StoreBroken
from edge.store.till_book import TillBook
from edge.terminal import Terminal
from sync.facts import ToppedUp
from sync.journal import Record
from sync.names import Role, RunId

Planted = AbstractContextManager[object]


def ok_before_commit() -> Planted:
    """The commit of a record is left to whatever is written next."""

    @contextmanager
    def appending(self: Store, record: Record, role: Role) -> Iterator[None]:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        self._siblings = self.shelf.following(record.terminal, record.previous)
        self.shelf.insert(record, role)
        yield
        self.shelf.note_own(record)
        self._tail += 1

    whole = Store._committing

    @contextmanager
    def committing(self: Store) -> Iterator[None]:
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")
        with whole(self):
            yield

    return _both((Store, "appending", appending), (Store, "_committing", committing))


def retry_after_eio() -> Planted:
    """A commit that failed is tried again, and believed."""

    @contextmanager
    def committing(self: Store) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                self._connection.execute("COMMIT")
        except sqlite3.Error as trouble:
            self._fail(trouble)
            message = f"the store cannot record ({trouble})"
            raise StoreBroken(message) from trouble
        except BaseException as trouble:
            self._fail(trouble)
            raise

    return mock.patch.object(Store, "_committing", committing)


def prune_too_early() -> Planted:
    """Own records are thrown away as soon as the office holds them."""
    whole = Terminal.acknowledge

    def acknowledge(
        self: Terminal, acknowledged: Iterable[tuple[RunId, int]], *, is_read: bool
    ) -> None:
        rows = list(acknowledged)
        whole(self, rows, is_read=is_read)
        for run, number in rows:
            question = "DELETE FROM journal WHERE run = ? AND number > 0 AND number < ?"
            self.store.connection.execute(question, (run, number))

    return mock.patch.object(Terminal, "acknowledge", acknowledge)


def caps_forgotten_on_restart() -> Planted:
    """A till starts as if the office had acknowledged everything."""
    whole = TillBook.__init__

    def begin(self: TillBook, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM unacknowledged")
        whole(self, connection)

    return mock.patch.object(TillBook, "__init__", begin)


def topup_raises_room() -> Planted:
    """What was topped up here and is not acknowledged gives room to spend."""
    whole = TillBook.spent_unacknowledged

    def spent(self: TillBook, wallet: int) -> int:
        entries = [one for run in self._entries.values() for one in run]
        credit = sum(e.amount for e in entries if e.kind == ToppedUp.KIND and e.wallet == wallet)
        return max(0, whole(self, wallet) - credit)

    return mock.patch.object(TillBook, "spent_unacknowledged", spent)


def forks_of_own_unseen() -> Planted:
    """A box's own records are folded without a look for who else continued its journal."""
    whole = Store._fold_again

    def fold_again(self: Store, record: Record, role: Role, _: Any) -> None:
        whole(self, record, role, ())

    return mock.patch.object(Store, "_fold_again", fold_again)


def cells_written_late() -> Planted:
    """Folded cells are noted as written one transaction before they are."""
    whole = SqliteShelf.write_changes

    def write(self: SqliteShelf) -> None:
        changed = self.cells._changed
        if len(changed) > 1:
            last = next(reversed(changed))
            kept = changed.pop(last)
            whole(self)
            self.cells._known[last] = kept
        else:
            whole(self)

    return mock.patch.object(SqliteShelf, "write_changes", write)


def catch_up_skips_last() -> Planted:
    """After a crash the newest record of the tail is not folded again."""
    whole = Store.catch_up

    def catch_up(self: Store) -> None:
        rows = self._connection.execute("SELECT max(arrival), count(*) FROM journal").fetchone()
        if rows[1] > 2 and (self.meta("folded_up_to") or 0) == rows[0] - 1:
            self._folded, self._tail = rows[0], 0
            return
        whole(self)

    return mock.patch.object(Store, "catch_up", catch_up)


@contextmanager
def _both(*changes: tuple[type, str, object]) -> Iterator[None]:
    with mock.patch.object(*changes[0]), mock.patch.object(*changes[1]):
        yield


PLANTED = {
    "ok_before_commit": ("OK is shown before the commit", ok_before_commit),
    "retry_after_eio": ("a commit that failed is tried again", retry_after_eio),
    "prune_too_early": ("records are thrown away once acknowledged", prune_too_early),
    "caps_forgotten_on_restart": ("a restart forgets what was spent", caps_forgotten_on_restart),
    "topup_raises_room": ("a top-up gives room to spend alone", topup_raises_room),
    "forks_of_own_unseen": ("a copy is not noticed by its original", forks_of_own_unseen),
    "cells_written_late": ("one changed cell is not written", cells_written_late),
    "catch_up_skips_last": ("the tail's newest record is not folded", catch_up_skips_last),
}
