"""The office's folder: what the festival is called, and the keys that make this its office.

`festival.json` is not secret. `festival.key` certifies offices and may be taken away after `init`;
`office.key` certifies terminals and issuing keys; `issuing-N.key` signs codes and never leaves the
folder; `admin.key` opens the live page. All are readable by their owner only.
"""

import hmac
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cloud.accounts.house_key import HOUSE_KEY_FILE
from provisioning.files import make_private_folder, others_may_read, write_private
from provisioning.keys import BadKeyFile, load_key_file, make_key_file, public_key_of
from sync.certificates import Certificate, Subject, certify, read_certificate
from sync.keys import SEED_BYTES, PublicKey, SecretKey
from sync.limits import CODE_KEY_ID_MAX, TEXT_CHARS_MAX, U32_MAX
from sync.names import FestivalId, Role

FESTIVAL_FILE: Final = "festival.json"
FESTIVAL_KEY_FILE: Final = "festival.key"
OFFICE_KEY_FILE: Final = "office.key"
ADMIN_KEY_FILE: Final = "admin.key"
ADDRESS_FILE: Final = "office.address"
DAY_MINUTES: Final = 24 * 60
LANGUAGES: Final = ("en", "fr")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_HEX_KEY: Final = re.compile(r"[0-9a-f]{64}")
_COOKIE_PURPOSE: Final = b"guichet-page-v1\0"


class BadOffice(Exception):
    """The folder is not an office's, or is damaged; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `festival.json` says; the key and the certificate are lower-case hex.

    `day_boundary_minutes` is when a festival day ends, in minutes after midnight of `time_zone`.
    """

    festival: int
    name: str
    currency: str
    time_zone: str
    language: str
    day_boundary_minutes: int
    festival_key: str
    certificate: str


@dataclass(frozen=True, slots=True)
class OfficeFolder:
    """A sound office folder, opened: settings and the keys that are needed to run."""

    path: Path
    settings: Settings
    festival_key: PublicKey
    key: SecretKey
    certificate: bytes

    @property
    def festival(self) -> FestivalId:
        """The festival's number."""
        return FestivalId(self.settings.festival)

    def manifest_settings(self) -> dict[str, object]:
        """Return what every terminal of the festival is told."""
        settings = self.settings
        return {
            "festival_name": settings.name,
            "currency": settings.currency,
            "time_zone": settings.time_zone,
            "language": settings.language,
            "day_boundary_minutes": settings.day_boundary_minutes,
        }

    def issuing_key_file(self, key_id: int) -> Path:
        """Return where the issuing key with this id lies."""
        return self.path / f"issuing-{key_id}.key"

    def issuing_key_ids(self) -> list[int]:
        """Return the ids of the issuing keys in the folder, ascending."""
        found = (re.fullmatch(r"issuing-(\d{1,3})\.key", p.name) for p in self.path.iterdir())
        return sorted(int(match[1]) for match in found if match)


class AdminKey:
    """What an organiser shows to be let in; it is compared in constant time and never printed."""

    def __init__(self, text: str) -> None:
        """Hold the key's text."""
        self._text = text

    @property
    def text(self) -> str:
        """The key, for a link or a header."""
        return self._text

    @property
    def cookie(self) -> str:
        """What a browser keeps instead of the key."""
        return hmac.digest(self._text.encode(), _COOKIE_PURPOSE, "sha256").hex()

    def opens(self, shown: str) -> bool:
        """Tell whether this text is the key."""
        return hmac.compare_digest(self._text.encode(), shown.encode(errors="replace"))

    def opens_by_cookie(self, shown: str) -> bool:
        """Tell whether this text is the cookie that was given for the key."""
        return hmac.compare_digest(self.cookie.encode(), shown.encode(errors="replace"))

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "AdminKey()"


def make_office(
    folder: Path, settings: Settings, draw: Callable[[int], bytes]
) -> tuple[OfficeFolder, bytes]:
    """Make the folder with its keys, and return it with the certificate of issuing key 1.

    `settings` lack the key and the certificate. `draw` gives random bytes. `BadOffice` if the
    folder holds an office already: keys are never overwritten.
    """
    trouble = _trouble_with(settings)
    if trouble:
        raise BadOffice(trouble)
    if (folder / FESTIVAL_FILE).exists():
        message = f"{folder} is an office already. Take an empty folder."
        raise BadOffice(message)
    make_private_folder(folder)
    festival_key = make_key_file(folder / FESTIVAL_KEY_FILE, draw(SEED_BYTES))
    key = make_key_file(folder / OFFICE_KEY_FILE, draw(SEED_BYTES))
    certificate = certify(
        Certificate(
            festival=settings.festival,
            subject=Subject.OFFICE,
            role=Role.OFFICE,
            holder=b"office",
            key=key.public,
            name="Office",
            valid_from=0,
            valid_until=0,
        ),
        festival_key,
    )
    write_private(folder / ADMIN_KEY_FILE, draw(SEED_BYTES).hex().encode() + b"\n")
    row = asdict(settings) | {
        "festival_key": festival_key.public.raw.hex(),
        "certificate": certificate.hex(),
    }
    office = OfficeFolder(folder, Settings(**row), festival_key.public, key, certificate)
    issuing = make_issuing_key(office, 1, draw)
    content = json.dumps(row, indent=2, ensure_ascii=False) + "\n"
    write_private(folder / FESTIVAL_FILE, content.encode())
    return office, issuing


def first_rows(settings: Settings, issuing: bytes) -> list[dict[str, object]]:
    """Return what a new office states first: the key that signs its codes, when its days end.

    `issuing` is that key's certificate.
    """
    boundary = {"day_boundary_minutes": settings.day_boundary_minutes}
    return [
        {"kind": "certificate", "certificate": issuing.hex()},
        {"kind": "policy", "settings": boundary},
    ]


def make_issuing_key(office: OfficeFolder, key_id: int, draw: Callable[[int], bytes]) -> bytes:
    """Make an issuing key in the folder and return the certificate to be stated for it."""
    if not 0 < key_id <= CODE_KEY_ID_MAX:
        message = f"a key id is a number from 1 to {CODE_KEY_ID_MAX}"
        raise BadOffice(message)
    key = make_key_file(office.issuing_key_file(key_id), draw(SEED_BYTES))
    return certify_issuing_key(office, key_id, key.public)


def certify_issuing_key(office: OfficeFolder, key_id: int, key: PublicKey) -> bytes:
    """Return the certificate by which this office makes an issuing key known."""
    certificate = Certificate(
        festival=office.festival,
        subject=Subject.ISSUING_KEY,
        role=Role.OFFICE,
        holder=bytes([key_id]),
        key=key,
        name=f"issuing key {key_id}",
        valid_from=0,
        valid_until=0,
    )
    return certify(certificate, office.key)


def open_office(folder: Path) -> OfficeFolder:
    """Return the folder, checked; `BadOffice` says what is wrong and what to do."""
    settings = _read_settings(folder)
    try:
        key = load_key_file(folder / OFFICE_KEY_FILE)
        festival_key = public_key_of(settings.festival_key)
        certificate = bytes.fromhex(settings.certificate)
    except BadKeyFile as trouble:
        raise BadOffice(str(trouble)) from trouble
    except ValueError as trouble:
        raise BadOffice(_damaged(folder, "a key in it is not hex")) from trouble
    certified = read_certificate(certificate, festival_key, settings.festival)
    if certified is None or certified.subject is not Subject.OFFICE or certified.key != key.public:
        raise BadOffice(_damaged(folder, f"{OFFICE_KEY_FILE} is not the key that it certifies"))
    return OfficeFolder(folder, settings, festival_key, key, certificate)


def is_house(path: Path) -> bool:
    """Tell whether a folder was made into an office's, with a festival of its own or without."""
    return (path / FESTIVAL_FILE).exists() or (path / HOUSE_KEY_FILE).exists()


def read_admin_key(folder: Path) -> AdminKey:
    """Return the folder's admin key; `BadOffice` if it is missing, damaged or open to others."""
    path = folder / ADMIN_KEY_FILE
    try:
        text = path.read_text().strip()
        is_open = others_may_read(path)
    except (OSError, UnicodeError) as trouble:
        message = f"{path} cannot be read. Bring it back, or make the office anew."
        raise BadOffice(message) from trouble
    if is_open:
        message = f"{path} can be read by others. Close it: chmod 600 {path}"
        raise BadOffice(message)
    if not _HEX_KEY.fullmatch(text):
        message = f"{path} is not an admin key: it must hold 64 hex characters."
        raise BadOffice(message)
    return AdminKey(text)


def zone_of(settings: Settings) -> ZoneInfo:
    """Return the festival's time zone."""
    return ZoneInfo(settings.time_zone)


def _read_settings(folder: Path) -> Settings:
    path = folder / FESTIVAL_FILE
    try:
        row = json.loads(path.read_bytes())
    except OSError as trouble:
        raise BadOffice(_not_a_festivals(folder)) from trouble
    except (ValueError, RecursionError) as trouble:
        raise BadOffice(_damaged(folder, "it is not JSON")) from trouble
    names = sorted(field.name for field in fields(Settings))
    if not isinstance(row, dict) or sorted(row) != names:
        raise BadOffice(_damaged(folder, f"it does not hold exactly {', '.join(names)}"))
    settings = Settings(**row)
    trouble_found = _trouble_with(settings)
    if trouble_found:
        raise BadOffice(_damaged(folder, trouble_found))
    return settings


def _trouble_with(settings: Settings) -> str:
    """Return what is wrong with the settings, or an empty text."""
    texts = (settings.festival_key, settings.certificate)
    if not _is_whole(settings.festival, U32_MAX):
        return f"the festival is a number from 0 to {U32_MAX}"
    if not _is_text(settings.name) or not 0 < len(settings.name) <= TEXT_CHARS_MAX:
        return f"the festival's name has 1 to {TEXT_CHARS_MAX} characters"
    if not _is_text(settings.currency) or not _CURRENCY.fullmatch(settings.currency):
        return "a currency has three capital letters, such as EUR"
    if settings.language not in LANGUAGES:
        return f"the language is one of {', '.join(LANGUAGES)}"
    if not _is_whole(settings.day_boundary_minutes, DAY_MINUTES - 1):
        return "the day's boundary is in minutes after midnight"
    if not all(_is_text(text) for text in texts):
        return "keys and certificates are hex texts"
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        return f"the time zone {settings.time_zone!r} is not known here; example: Europe/Paris"
    return ""


def _is_whole(value: Any, largest: int) -> bool:
    return type(value) is int and 0 <= value <= largest


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _not_a_festivals(folder: Path) -> str:
    if is_house(folder):
        return (
            f"{folder} is a house without a festival of its own. Name the folder of one of its"
            f" festivals, such as {folder}/festivals/1"
        )
    return f"{folder} is not an office's folder. Make one: ./guichet cloud init {folder}"


def _damaged(folder: Path, what: str) -> str:
    return f"{folder / FESTIVAL_FILE} is damaged: {what}. Bring back its copy."
