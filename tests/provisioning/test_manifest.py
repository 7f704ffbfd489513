"""The folder of a terminal: what it says, who may read it, and how damage is told."""

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioning import manifest as manifests
from provisioning.chance import random_bytes
from provisioning.files import make_private_folder, write_private
from provisioning.keys import BadKeyFile, load_key_file, make_key_file, public_key_of
from provisioning.manifest import BadManifest, Manifest
from sync.certificates import Certificate, Subject, certify
from sync.keys import SecretKey
from sync.names import Role

FESTIVAL_KEY = SecretKey(bytes([1]) * 32)
OFFICE_KEY = SecretKey(bytes([2]) * 32)
BOX_KEY = SecretKey(bytes([3]) * 32)
TERMINAL = bytes(range(16))


def certificate(subject: Subject, role: Role, holder: bytes, key: SecretKey) -> Certificate:
    return Certificate(7, subject, role, holder, key.public, "North", 0, 0)


def a_manifest() -> Manifest:
    office = certify(certificate(Subject.OFFICE, Role.OFFICE, b"o", OFFICE_KEY), FESTIVAL_KEY)
    writer = certify(certificate(Subject.WRITER, Role.GATE, TERMINAL, BOX_KEY), OFFICE_KEY)
    return Manifest(
        festival=7,
        festival_name="Été",
        festival_key=FESTIVAL_KEY.public.raw.hex(),
        terminal=TERMINAL.hex(),
        role="gate",
        name="North",
        office="http://127.0.0.1:8080",
        currency="EUR",
        time_zone="Europe/Paris",
        language="fr",
        day_boundary_minutes=360,
        certificates=(office.hex(), writer.hex()),
    )


def test_a_manifest_comes_back_as_it_was_saved_and_is_private(tmp_path: Path) -> None:
    manifests.save(a_manifest(), tmp_path)
    found = manifests.load(tmp_path)
    assert found == a_manifest()
    assert found.writer_role is Role.GATE
    assert found.terminal_id == TERMINAL
    assert found.office_key == OFFICE_KEY.public
    assert found.certificate.key == BOX_KEY.public
    assert stat.S_IMODE((tmp_path / "manifest.json").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_a_folder_that_was_never_enrolled_says_how_to_enrol_it(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match="provision enrol"):
        manifests.load(tmp_path)


@pytest.mark.parametrize(
    "field,value",
    [
        ("festival", "7"),
        ("festival", True),
        ("festival", 1 << 32),
        ("festival_key", "00" * 31),
        ("festival_key", "AB" * 32),
        ("terminal", None),
        ("role", "office"),
        ("role", ["gate"]),
        ("name", ""),
        ("office", "ftp://somewhere"),
        ("currency", "EURO"),
        ("day_boundary_minutes", 1440),
        ("day_boundary_minutes", 1.5),
        ("certificates", []),
        ("certificates", ["00", "xx"]),
    ],
)
def test_a_field_that_cannot_be_is_named(tmp_path: Path, field: str, value: Any) -> None:
    manifests.save(a_manifest(), tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(BadManifest, match=f"the field {field} "):
        manifests.load(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 9000, "nul", "{" * 20_000])
def test_a_damaged_manifest_asks_for_a_new_enrolment(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(BadManifest, match="enrol this box again"):
        manifests.load(tmp_path)


def test_a_manifest_with_a_foreign_chain_or_terminal_is_refused(tmp_path: Path) -> None:
    stranger = SecretKey(bytes([9]) * 32).public.raw.hex()
    manifests.save(replace(a_manifest(), festival_key=stranger), tmp_path)
    with pytest.raises(BadManifest, match="certificates do not belong"):
        manifests.load(tmp_path)
    manifests.save(replace(a_manifest(), terminal="00" * 16), tmp_path)
    with pytest.raises(BadManifest, match="another terminal"):
        manifests.load(tmp_path)
    manifests.save(replace(a_manifest(), role="bar"), tmp_path)
    with pytest.raises(BadManifest, match="another terminal"):
        manifests.load(tmp_path)


def test_a_key_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    seed = random_bytes(32)
    key = make_key_file(path, seed)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key_file(path).public == key.public == SecretKey(seed).public
    assert manifests.identity(tmp_path).public == key.public
    with pytest.raises(BadKeyFile, match="never overwritten"):
        make_key_file(path, random_bytes(32))
    assert load_key_file(path).public == key.public


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_key_file(tmp_path / "identity.key", random_bytes(32))
    (tmp_path / "identity.key").chmod(0o640)
    with pytest.raises(BadManifest, match="chmod 600"):
        manifests.identity(tmp_path)


@pytest.mark.parametrize("content", [b"", b"00" * 31, b"zz" * 32, bytes(32), b"0" * 65])
def test_a_damaged_key_file_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    write_private(tmp_path / "identity.key", content)
    with pytest.raises(BadManifest, match="is not a key file") as trouble:
        manifests.identity(tmp_path)
    assert not content or content.decode() not in str(trouble.value)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match=r"identity\.key cannot be read"):
        manifests.identity(tmp_path)


def test_a_private_folder_is_closed_to_others(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "a" / "gate-1")
    assert stat.S_IMODE((tmp_path / "a" / "gate-1").stat().st_mode) == 0o700


def test_an_interrupted_write_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    write_private(path, b"old")
    (tmp_path / "manifest.json.new").write_bytes(b"half of the ne")
    assert path.read_bytes() == b"old"
    write_private(path, b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["manifest.json"]
    assert path.read_bytes() == b"new"


def test_a_public_key_is_sixty_four_hex_characters() -> None:
    assert public_key_of("00" * 32).raw == bytes(32)
    for text in ("", "00" * 31, "zz" * 32, "00" * 33, "0" * 63 + "\n"):
        with pytest.raises(ValueError, match="64 hex"):
            public_key_of(text)
