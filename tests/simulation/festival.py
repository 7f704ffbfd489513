"""The festival's keys and the folders of its office and boxes, made once and copied for each world.

Keys and certificates change nothing of what a world is about, so all worlds share them.
"""

import hashlib
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cloud.settings import OfficeFolder, Settings, make_office
from provisioning.enrolment import writer_certificate
from provisioning.keys import load_key_file, make_key_file
from provisioning.manifest import IDENTITY_FILE, Manifest, save
from sync.codes import CodeKind, Ticket, issue
from sync.keys import SecretKey
from sync.names import Role

FESTIVAL = 7
BOXES_MAX = 9
_MEMORY = Path("/dev/shm")
_WORDS = {Role.GATE: "gate", Role.BAR: "bar", Role.HUB: "hub"}


@dataclass
class Festival:
    """One festival's folders in memory: `office` and boxes are there to be copied."""

    root: Path
    office: OfficeFolder
    issuing: bytes
    _codes: dict[tuple[CodeKind, int, int], str] = field(default_factory=dict)
    _worlds: int = 0

    @cached_property
    def _issuing_key(self) -> SecretKey:
        return load_key_file(self.office.issuing_key_file(1))

    def code(self, kind: CodeKind, serial: int, number: int) -> str:
        """Return the text of a genuine code of this kind and type."""
        key = (kind, serial, number)
        if key not in self._codes:
            ticket = Ticket(kind, 1, FESTIVAL, serial, number, 0, 0, 0)
            self._codes[key] = issue(ticket, self._issuing_key)
        return self._codes[key]

    def certificate(self, number: int, role: Role) -> bytes:
        """Return the office's certificate of a box."""
        key = SecretKey(_seed(number))
        name = f"{_WORDS[role]} {number}"
        return writer_certificate(
            FESTIVAL, terminal_of(number), role, name, key.public, self.office.key
        )

    def box_folder(self, number: int, role: Role, world: Path) -> Path:
        """Return a new folder of a box as its enrolment left it."""
        kept = self.root / f"box-{number}-{_WORDS[role]}"
        if not kept.exists():
            self._enrol(kept, number, role)
        return Path(shutil.copytree(kept, world / f"box-{number}"))

    def office_folder(self, world: Path) -> OfficeFolder:
        """Return a new folder of the office."""
        path = Path(shutil.copytree(self.office.path, world / "office"))
        kept = self.office
        return OfficeFolder(path, kept.settings, kept.festival_key, kept.key, kept.certificate)

    @contextmanager
    def world(self) -> Iterator[Path]:
        """Give a folder for one world, which is gone when the world is."""
        self._worlds += 1
        path = self.root / f"world-{self._worlds}"
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path)

    def _enrol(self, folder: Path, number: int, role: Role) -> None:
        folder.mkdir(mode=0o700)
        make_key_file(folder / IDENTITY_FILE, _seed(number))
        office = self.office
        chain = (office.certificate.hex(), self.certificate(number, role).hex())
        manifest = Manifest(
            festival=FESTIVAL,
            festival_name="Simulated",
            festival_key=office.festival_key.raw.hex(),
            terminal=terminal_of(number).hex(),
            role=_WORDS[role],
            name=f"{_WORDS[role]} {number}",
            office="http://127.0.0.1:9",
            currency="EUR",
            time_zone="UTC",
            language="en",
            day_boundary_minutes=360,
            certificates=chain,
        )
        save(manifest, folder)


def terminal_of(number: int) -> bytes:
    """Return the id of the box with this number."""
    return hashlib.sha256(b"terminal" + bytes([number])).digest()[:16]


def _seed(number: int) -> bytes:
    return hashlib.sha256(b"identity" + bytes([number])).digest()


@contextmanager
def open_festival() -> Iterator[Festival]:
    """Make the festival's folders in memory where there is such a place; they go at the end."""
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="guichet-simulated-", dir=place) as name:
        settings = Settings(FESTIVAL, "Simulated", "EUR", "UTC", "en", 360, "", "")
        drawn = random.Random("the festival's keys")
        office, issuing = make_office(Path(name) / "office", settings, drawn.randbytes)
        yield Festival(Path(name), office, issuing)
