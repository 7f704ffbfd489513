"""What a box is told once and starts from: its festival, its name, its office, its certificates.

The folder of a terminal holds `manifest.json`, `identity.key` and, from the first start on, the
terminal's database. The manifest holds nothing secret, but it is private like the rest.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from provisioning.files import write_private
from provisioning.keys import BadKeyFile, load_key_file, public_key_of
from provisioning.request_signing import receiver_id_of
from sync.certificates import (
    CHAIN_CERTIFICATES_MAX,
    Certificate,
    Subject,
    read_certificate,
    read_chain,
)
from sync.keys import PublicKey, SecretKey
from sync.limits import TEXT_CHARS_MAX, U32_MAX
from sync.names import ID_BYTES, FestivalId, Role, TerminalId

MANIFEST_FILE: Final = "manifest.json"
IDENTITY_FILE: Final = "identity.key"
MANIFEST_BYTES_MAX: Final = 16_384
DAY_MINUTES: Final = 24 * 60
ROLES: Final = {"gate": Role.GATE, "bar": Role.BAR, "hub": Role.HUB}


class BadManifest(Exception):
    """The folder is not an enrolled terminal's; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A terminal's place in a festival; keys, ids and certificates are lower-case hex.

    `certificates` is the chain (office, terminal); `day_boundary_minutes` is when a festival day
    ends, in minutes after midnight of `time_zone`; `office` is its address, with a path where a
    house has several festivals.
    """

    festival: int
    festival_name: str
    festival_key: str
    terminal: str
    role: str
    name: str
    office: str
    currency: str
    time_zone: str
    language: str
    day_boundary_minutes: int
    certificates: tuple[str, ...]

    @property
    def festival_id(self) -> FestivalId:
        """The festival's number."""
        return FestivalId(self.festival)

    @property
    def terminal_id(self) -> TerminalId:
        """The terminal's id: 16 bytes."""
        return TerminalId(bytes.fromhex(self.terminal))

    @property
    def writer_role(self) -> Role:
        """The role under which this terminal writes facts."""
        return ROLES[self.role]

    @property
    def festival_public_key(self) -> PublicKey:
        """The one key that this terminal believes without proof."""
        return public_key_of(self.festival_key)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates (office, terminal) as bytes."""
        return tuple(bytes.fromhex(one) for one in self.certificates)

    @property
    def certificate(self) -> Certificate:
        """What the office certified about this terminal; `BadManifest` if the chain is broken."""
        found = read_chain(self.chain, self.festival_public_key, self.festival)
        if found is None or found.subject is not Subject.WRITER:
            raise BadManifest(_broken("its certificates do not belong to its festival key"))
        return found

    @property
    def office_key(self) -> PublicKey:
        """The key with which the office signs its answers; `BadManifest` if the chain is broken."""
        office = read_certificate(self.chain[0], self.festival_public_key, self.festival)
        if office is None:
            raise BadManifest(_broken("the office's certificate does not hold"))
        return office.key

    @property
    def office_id(self) -> bytes:
        """The id under which requests to the office are signed: 16 bytes."""
        return receiver_id_of(self.office_key)


def save(manifest: Manifest, folder: Path) -> None:
    """Write the manifest into the folder, whole or not at all, readable by its owner only."""
    content = json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n"
    write_private(folder / MANIFEST_FILE, content.encode())


def load(folder: Path) -> Manifest:
    """Return the folder's manifest; `BadManifest` unless every field and the chain are sound."""
    path = folder / MANIFEST_FILE
    try:
        content = path.read_bytes()
    except OSError as trouble:
        message = (
            f"{folder} is not an enrolled terminal's folder ({MANIFEST_FILE}: {trouble.strerror})."
            " Enrol it: ./guichet provision enrol DIR --office URL --code CODE"
        )
        raise BadManifest(message) from trouble
    manifest = manifest_of(content, str(path))
    certificate = manifest.certificate
    if certificate.holder != manifest.terminal_id or certificate.role != manifest.writer_role:
        raise BadManifest(_broken(f"{path}: the certificate is another terminal's"))
    return manifest


def identity(folder: Path) -> SecretKey:
    """Return the terminal's identity key; `BadManifest` if it is missing, open or damaged."""
    try:
        return load_key_file(folder / IDENTITY_FILE)
    except BadKeyFile as trouble:
        raise BadManifest(str(trouble)) from trouble


def manifest_of(content: bytes, where: str) -> Manifest:
    """Return the manifest that JSON bytes spell; `BadManifest` names the first wrong field."""
    try:
        if len(content) > MANIFEST_BYTES_MAX:
            raise BadManifest(_broken(f"{where} has more than {MANIFEST_BYTES_MAX} bytes"))
        row = json.loads(content)
    except (ValueError, RecursionError) as trouble:
        raise BadManifest(_broken(f"{where} is not JSON")) from trouble
    names = [field.name for field in fields(Manifest)]
    if not isinstance(row, dict) or sorted(row) != sorted(names):
        raise BadManifest(_broken(f"{where} does not hold exactly the fields {', '.join(names)}"))
    for name, is_good in _GOOD.items():
        if not is_good(row[name]):
            raise BadManifest(_broken(f"{where}: the field {name} cannot be what it says"))
    row["certificates"] = tuple(row["certificates"])
    return Manifest(**row)


def _broken(what: str) -> str:
    return f"{what}. The folder is damaged: enrol this box again with a new code."


def _text(chars_min: int, chars_max: int = TEXT_CHARS_MAX) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and chars_min <= len(value) <= chars_max


def _whole(largest: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and 0 <= value <= largest


def _hex(count: int | None = None) -> Callable[[Any], bool]:
    def is_good(value: Any) -> bool:
        try:
            content = bytes.fromhex(value)
        except (TypeError, ValueError):
            return False
        return content.hex() == value and count in {None, len(content)}

    return is_good


def _is_chain(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == CHAIN_CERTIFICATES_MAX
        and all(_hex()(one) for one in value)
    )


_GOOD: Final[dict[str, Callable[[Any], bool]]] = {
    "festival": _whole(U32_MAX),
    "festival_name": _text(0),
    "festival_key": _hex(32),
    "terminal": _hex(ID_BYTES),
    "role": lambda value: isinstance(value, str) and value in ROLES,
    "name": _text(1),
    "office": lambda value: isinstance(value, str) and value.startswith(("http://", "https://")),
    "currency": _text(3, 3),
    "time_zone": _text(1),
    "language": _text(2, 8),
    "day_boundary_minutes": _whole(DAY_MINUTES - 1),
    "certificates": _is_chain,
}
