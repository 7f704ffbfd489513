"""Facts as gates and bars state them, short enough for a test to read."""

import random

from sync.facts import Admitted, Left, LineKind, Method, Refused, Sold, ToppedUp

DAY = 20261121


def admitted(serial: int, zone: int = 1, count: int = 1) -> Admitted:
    return Admitted(
        serial=serial,
        type=1,
        zone=zone,
        day=DAY,
        count=count,
        after=(),
        provisional=0,
        office_version=1,
        session=None,
        supervisor=None,
    )


def left(serial: int, admission: bytes, zone: int = 1) -> Left:
    return Left(serial=serial, zone=zone, day=DAY, after=(admission,), admission=admission)


def refused(serial: int | None, reason: str, zone: int = 1) -> Refused:
    return Refused(serial, b"digest8!", reason, zone, 1)


def topped_up(wallet: int, amount: int, operation: int = 1) -> ToppedUp:
    number = operation.to_bytes(16, "big")
    return ToppedUp(number, wallet, amount, int(Method.CASH), 1, 1, None)


def sold(wallet: int, unit: int, quantity: int = 1, sale: int = 1, bar: int = 1) -> Sold:
    return Sold(
        sale=sale.to_bytes(16, "big"),
        bar=bar,
        shift=1,
        seller=1,
        lines=((1, quantity, unit, 2000, int(LineKind.ITEM), None),),
        payments=((int(Method.WALLET), unit * quantity, wallet, None),),
        catalogue_version=1,
        allowed_by="alone_limit",
        known_balance=0,
    )


def any_id(chance: random.Random) -> int:
    return chance.getrandbits(63)
