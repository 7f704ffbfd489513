"""The doorway to argon2id: passwords are hashed and compared beside the event loop, two at a time.

A comparison takes a tenth of a second whether or not there is such an account, so that time tells
nobody which e-mail addresses have one. What is kept says with which costs it was made; when the
costs of today are higher, the next right password is hashed anew.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from cloud.accounts.troubles import Trouble
from cloud.limits import (
    PASSWORD_CHARS_MAX,
    PASSWORD_CHARS_MIN,
    PASSWORD_LANES,
    PASSWORD_MEMORY_KIB,
    PASSWORD_PASSES,
    PASSWORDS_AT_ONCE_MAX,
    PASSWORDS_WAITING_MAX,
)
from cloud.writer import Busy

T = TypeVar("T")
_SALT_BYTES: Final = 16
_DUMMY_BYTES: Final = 32


class Passwords:
    """Hashes and compares passwords; one for each process, in one event loop."""

    def __init__(
        self,
        draw: Callable[[int], bytes],
        memory_kib: int = PASSWORD_MEMORY_KIB,
        passes: int = PASSWORD_PASSES,
    ) -> None:
        """`draw` gives random bytes; the costs are argon2id's."""
        self._draw = draw
        self._hasher = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=PASSWORD_LANES, type=Type.ID
        )
        self._turns = asyncio.Semaphore(PASSWORDS_AT_ONCE_MAX)
        self._waiting = 0
        self._dummy = ""

    async def hashed(self, password: str) -> str:
        """Return what may be kept of a password, with its salt and costs; `Busy` if many wait."""
        return await self._slowly(lambda: self._hash(password))

    async def is_right(self, password: str, kept: str | None) -> bool:
        """Tell whether this is the password; None (no such account) takes as long and is False.

        `Busy` if many wait.
        """
        return await self._slowly(lambda: self._compare(password, kept))

    def is_outdated(self, kept: str) -> bool:
        """Tell whether this was made with other costs than those of today."""
        return self._hasher.check_needs_rehash(kept)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(_bytes_of(password), salt=self._draw(_SALT_BYTES))

    def _compare(self, password: str, kept: str | None) -> bool:
        if not self._dummy:  # whoever comes first waits for it, with an account or without
            self._dummy = self._hash(self._draw(_DUMMY_BYTES).hex())
        try:
            self._hasher.verify(self._dummy if kept is None else kept, _bytes_of(password))
        except VerifyMismatchError:
            return False
        return kept is not None

    async def _slowly(self, work: Callable[[], T]) -> T:
        if self._waiting >= PASSWORDS_WAITING_MAX:
            raise Busy("many people sign in")
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def trouble_with(password: str, email: str) -> Trouble | None:
    """Return what is wrong with a new password; `email` is the folded address.

    Length is what counts (NIST SP 800-63B): no rule asks for digits or signs.
    """
    if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
        return Trouble.PASSWORD_LENGTH
    if password.casefold() == email or len(set(password)) == 1:
        return Trouble.PASSWORD_EASY
    return None


def _bytes_of(password: str) -> bytes:
    """Spell a password the same way whatever keyboard it was typed on (NIST: NFKC)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
