"""What a guest knows of a wallet: a PIN that lifts a limit, a code that proves a lost wristband.

Only proofs are kept (`sync.keys.pin_proof`). The newest word by stamp counts, then the higher id.
"""

from sync.cells import CellKey, CellKind, Cells
from sync.facts import SecretKind, WalletSecretSet
from sync.journal import Record
from sync.names import Area, Role


def fold(cells: Cells, record: Record, role: Role) -> None:  # noqa: ARG001 - every fold's form
    """Keep the newest proof; other facts are left alone."""
    body = record.body
    if not isinstance(body, WalletSecretSet):
        return
    key = _key(body.wallet, body.secret)
    mine = (record.stamp.physical_ms, record.stamp.logical, record.id, body.proof)
    cells.set(key, max(cells.get(key) or mine, mine))


def proof(cells: Cells, wallet: int, secret: SecretKind) -> bytes | None:
    """Return the proof of a wallet's PIN or claim code, None if there is none."""
    value = cells.get(_key(wallet, secret))
    return None if value is None else value[3]


def _key(wallet: int, secret: int) -> CellKey:
    return CellKey(Area.MONEY, CellKind.SECRET, wallet.to_bytes(8, "big") + bytes([secret]))
