"""What guests know of their wallets, as a till checks it: five wrong tries, then five minutes.

A wrong try is recorded as a declined payment, so a restart forgets none.
"""

from typing import Final

from edge.bar.sayings import say
from edge.headless import BadCommand
from edge.limits import PIN_LOCK_MS, PIN_TRIES_MAX
from edge.terminal import Terminal
from sync.facts import Declined, SecretKind
from sync.journal import Record
from sync.keys import is_pin, pin_fits
from sync.wallet_secrets import proof

WRONG: Final = {SecretKind.PIN: "wrong_pin", SecretKind.CLAIM: "wrong_claim"}
_MISSING: Final = {SecretKind.PIN: "no_pin", SecretKind.CLAIM: "no_claim"}
_MINUTE_MS: Final = 60_000


class GuestSecrets:
    """Checks PINs and claim codes of wallets; in the lane only."""

    def __init__(self, terminal: Terminal) -> None:
        """Know of no wrong try yet; `remember` brings those of before a restart."""
        self._terminal = terminal
        self._failed_ms: dict[int, list[int]] = {}

    def remember(self, record: Record) -> None:
        """Take up a wrong try that is in the journal."""
        body = record.body
        if isinstance(body, Declined) and body.rule in set(WRONG.values()):
            moment = self._terminal.moment()
            age_ms = max(0, moment.now_ms - record.stamp.physical_ms)
            self._fail(body.wallet, self._now_ms() - age_ms)

    def has(self, wallet: int, secret: SecretKind) -> bool:
        """Tell whether a wallet has a PIN or a claim code."""
        return proof(self._terminal.store.shelf.cells, wallet, secret) is not None

    def is_right(self, wallet: int, secret: SecretKind, given: str, language: str) -> bool:
        """Tell whether this is the wallet's secret; a wrong one counts, and the caller records it.

        `BadCommand` if there is none, or if too many were wrong lately.
        """
        known = proof(self._terminal.store.shelf.cells, wallet, secret)
        if known is None:
            raise BadCommand(say(_MISSING[secret], language))
        failed = self._failed(wallet)
        if len(failed) >= PIN_TRIES_MAX:
            left_ms = failed[-1] + PIN_LOCK_MS - self._now_ms()
            raise BadCommand(say("pin_locked", language, -(-left_ms // _MINUTE_MS)))
        if is_pin(given) and pin_fits(given, known):
            self._failed_ms.pop(wallet, None)
            return True
        self._fail(wallet, self._now_ms())
        return False

    def _fail(self, wallet: int, at_ms: int) -> None:
        self._failed_ms.setdefault(wallet, []).append(at_ms)
        self._failed_ms[wallet].sort()

    def _failed(self, wallet: int) -> list[int]:
        """Return when wrong ones were tried lately, in steady milliseconds."""
        since_ms = self._now_ms() - PIN_LOCK_MS
        return [at for at in self._failed_ms.get(wallet, []) if at > since_ms]

    def _now_ms(self) -> int:
        return self._terminal.timekeeper.monotonic_ms()
