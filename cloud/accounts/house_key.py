"""The house's one secret, from which every purpose of the accounts takes a key of its own.

`house.key` lies beside the accounts and never in them: whoever steals the database alone can read
no name, check no e-mail address, and make no credential.
"""

import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Final

from provisioning.files import make_private_folder
from provisioning.keys import load_key_bytes, make_key_file

HOUSE_KEY_FILE: Final = "house.key"
HOUSE_KEY_BYTES: Final = 32
FIGURES_LABEL: Final = "figures for Prometheus"
"""What the key that Prometheus shows is derived under."""
_PURPOSE: Final = b"guichet-house-v1\0"


class HouseKey:
    """Gives one key for each purpose; it never prints itself."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        """Hold the secret; `ValueError` if it is not 32 bytes."""
        if len(secret) != HOUSE_KEY_BYTES:
            message = f"a house key has {HOUSE_KEY_BYTES} bytes, not {len(secret)}"
            raise ValueError(message)
        self._secret = secret

    def derive(self, label: str) -> bytes:
        """Return the 32 bytes that are the key for a purpose; other labels tell nothing of it."""
        return hmac.digest(self._secret, _PURPOSE + label.encode(), "sha256")

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "HouseKey()"


def open_house_key(
    folder: Path, draw: Callable[[int], bytes], *, may_make: bool = True
) -> HouseKey:
    """Return the house's key; `draw` gives random bytes for one that is made at the first start.

    `BadKeyFile` says what to do if it is missing (and may not be made), damaged or open to others.
    """
    path = folder / HOUSE_KEY_FILE
    if may_make and not path.exists():
        make_private_folder(folder)
        make_key_file(path, draw(HOUSE_KEY_BYTES))
    return HouseKey(load_key_bytes(path))
