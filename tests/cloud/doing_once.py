"""A process that tops up one wallet under ever new keys until it dies: `doing_once FOLDER SEED`."""

import random
import sys
from pathlib import Path

from cloud.office import Office
from cloud.once import Deed, Kept, answered_once, mark_of
from cloud.settings import open_office
from sync.clock import TRUSTED_CLOCK, Moment
from sync.facts import Method, ToppedUp
from tests.cloud.offices import START_MS

WALLET = 5
AMOUNT = 100


def deed(number: int, amount: int = AMOUNT, principal: str = "cashier") -> Deed:
    content = {"wallet": str(WALLET), "amount": amount}
    return Deed(principal, "cashless_topup", f"key-{number}", mark_of("/topup", content))


def top_up(office: Office, what: Deed, amount: int = AMOUNT) -> Kept:
    """State a top-up and spell its answer, as a route does."""
    fact = ToppedUp(what.operation, WALLET, amount, int(Method.CARD), 1, 0, None)
    (record,) = office.say(fact)
    return Kept(201, record.id.hex().encode())


def main(folder: Path, seed: int) -> None:
    """Say each answer once it is on the disk."""
    draw = random.Random(seed).randbytes
    office = Office(open_office(folder), lambda: Moment(START_MS, TRUSTED_CLOCK), draw)
    for number in range(100_000):
        what = deed(number)
        (kept,) = office.transact([lambda o: answered_once(o, what, lambda i: top_up(i, what))])  # noqa: B023 - done at once
        sys.stdout.write(f"{kept.body.decode()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
