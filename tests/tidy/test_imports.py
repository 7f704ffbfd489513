"""Who may know whom, and which library has which doorway."""

import sys
from collections.abc import Iterator

import pytest

from tests.tidy.references import imported_modules
from tests.tidy.sources import OURS, Source, product_sources, python_sources

MAY_IMPORT = {
    "cloud": {"cloud", "provisioning", "sync"},
    "edge": {"edge", "hardware", "provisioning", "sync"},
    "hardware": {"hardware"},
    "provisioning": {"provisioning", "sync"},
    "sync": {"sync"},
    "tests": set(OURS),
}

# The parts of the standard library that neither read nor change the world.
PURE = frozenset(
    "__future__ abc base64 binascii bisect calendar collections contextlib copy dataclasses"
    " datetime enum fractions functools hashlib heapq hmac itertools json math operator re string"
    " struct textwrap types typing unicodedata zlib".split()
)

DOORWAYS = {
    "PIL": ("hardware/receipts/pictures.py", "cloud/tickets/picture.py"),
    "aiohttp": ("cloud/", "edge/connections.py", "edge/gate/api/", "edge/neighbours/"),
    "aiohttp_jinja2": ("cloud/",),
    "aiohttp_sse": ("cloud/",),
    "asyncpg": ("cloud/store/postgres_line.py", "cloud/store/postgres_watch.py"),
    "apsw": (),  # beside sqlite3 in one process it breaks the locks on files: tests only
    "argon2": ("cloud/accounts/passwords.py",),
    "cbor2": ("sync/codec.py",),
    "cv2": ("hardware/camera.py", "hardware/code_reader.py", "hardware/readers/"),
    "escpos": ("hardware/receipts/language.py", "hardware/receipts/cables.py"),
    "gpiozero": ("hardware/pins.py",),
    "jinja2": ("cloud/",),
    "joserfc": ("cloud/accounts/access_tokens.py",),
    "lgpio": ("hardware/pins.py",),
    "nacl": ("sync/keys.py", "cloud/accounts/sealing.py"),
    "numpy": ("hardware/",),
    "prometheus_client": ("edge/gate/api/", "cloud/metrics.py"),
    "pydantic": ("cloud/",),
    "pyzbar": ("hardware/code_reader.py", "hardware/readers/"),
    "random": ("provisioning/chance.py", "cloud/clock_and_chance.py"),
    "reportlab": ("cloud/tickets/",),
    "requests": ("edge/office_line.py", "provisioning/enrol.py"),
    "secrets": ("provisioning/chance.py", "cloud/clock_and_chance.py"),
    "smartcard": ("hardware/nfc.py",),
    "sqlite3": ("edge/store/", "cloud/store/"),
    "sqlite_utils": ("edge/store/", "cloud/store/"),
    "usb": ("hardware/receipts/cables.py",),
    "uuid": ("provisioning/chance.py", "cloud/clock_and_chance.py"),
    "zeroconf": ("edge/neighbours/finding.py",),
    "zxingcpp": ("hardware/code_reader.py", "hardware/readers/"),
}

STRANGERS = {
    "edge/bar/": ("edge.gate", "edge.hub"),
    "edge/gate/": ("edge.bar", "edge.hub"),
    "edge/hub/": ("edge.gate", "edge.bar"),
    "edge/screen/": ("edge.gate", "edge.bar"),
    "edge/inside.py": ("edge.gate", "edge.bar"),
    "edge/keeper.py": ("edge.gate", "edge.bar"),
    "edge/outside.py": ("edge.gate", "edge.bar"),
    "edge/scripted.py": ("edge.gate", "edge.bar"),
    "edge/watch.py": ("edge.gate", "edge.bar"),
}


def forbidden_neighbours(source: Source) -> Iterator[str]:
    """Imports of our own folders that the map does not allow."""
    for module, line in imported_modules(source):
        top = module.split(".", 1)[0]
        if top in OURS and top not in MAY_IMPORT[source.room]:
            yield f"{source.path}:{line} imports {module}: {source.room} must not know {top}"


def worldly_imports(source: Source) -> Iterator[str]:
    """Imports in the kernel of anything that could touch the world."""
    for module, line in imported_modules(source):
        top = module.split(".", 1)[0]
        if top in OURS or top in PURE or top in {"cbor2", "nacl"}:
            continue
        yield f"{source.path}:{line} imports {module}: the kernel touches nothing of the world"


def side_doors(source: Source) -> Iterator[str]:
    """Imports of a library outside its doorway."""
    for module, line in imported_modules(source):
        top = module.split(".", 1)[0]
        if top in DOORWAYS and not source.lies_in(*DOORWAYS[top]):
            doors = " and ".join(DOORWAYS[top]) or "the tests"
            yield f"{source.path}:{line} imports {module}: only {doors} may"


@pytest.mark.parametrize("room", [room for room in MAY_IMPORT if room != "tests"])
def test_a_folder_knows_only_the_folders_that_the_map_allows(room: str) -> None:
    found = [line for s in product_sources() if s.room == room for line in forbidden_neighbours(s)]
    assert found == []


def test_nothing_in_the_product_imports_the_tests() -> None:
    found = [
        f"{source.path}:{line}"
        for source in product_sources()
        for module, line in imported_modules(source)
        if module.split(".", 1)[0] == "tests"
    ]
    assert found == []


def test_the_kernel_imports_nothing_that_touches_the_world() -> None:
    found = [line for s in product_sources() if s.room == "sync" for line in worldly_imports(s)]
    assert found == []


def test_each_library_is_used_only_behind_its_doorway() -> None:
    assert [line for source in product_sources() for line in side_doors(source)] == []


def test_the_text_screens_alone_know_textual() -> None:
    found = [
        f"{source.path}:{line}"
        for source in product_sources()
        for module, line in imported_modules(source)
        if module.split(".", 1)[0] == "textual" and "screen" not in source.path
    ]
    assert found == []


def strange_relations(source: Source) -> Iterator[str]:
    """Imports between gate and till, or of either from what both stand on."""
    for module, line in imported_modules(source):
        for place, strangers in STRANGERS.items():
            if source.lies_in(place) and module.startswith(strangers):
                yield f"{source.path}:{line} imports {module}: {place} must not know it"


def test_gate_and_till_do_not_know_each_other_and_their_common_rooms_neither() -> None:
    assert [line for source in product_sources() for line in strange_relations(source)] == []


@pytest.mark.parametrize("place", STRANGERS)
def test_a_planted_strange_relation_is_found(place: str) -> None:
    path = f"{place}module.py" if place.endswith("/") else place
    source = Source(path, f"from {STRANGERS[place][0]}.screen import words")
    assert len(list(strange_relations(source))) == 1


def test_every_python_file_lies_in_a_known_folder() -> None:
    assert [source.path for source in python_sources() if source.room not in OURS] == []


def test_every_module_called_pure_is_part_of_the_standard_library() -> None:
    assert PURE - sys.stdlib_module_names == set()


@pytest.mark.parametrize(
    "path,text",
    [
        ("edge/lane.py", "import cloud.app"),
        ("cloud/app.py", "def late():\n    from edge.gate import scan"),
        ("hardware/lamp.py", "from sync import codes"),
        ("sync/codes.py", "import importlib\nimportlib.import_module('provisioning.keys')"),
        ("provisioning/keys.py", "from ..hardware import camera"),
        ("edge/lane.py", "from tests.rehearsal import world"),
    ],
)
def test_a_planted_import_of_a_forbidden_neighbour_is_found(path: str, text: str) -> None:
    assert len(list(forbidden_neighbours(Source(path, text)))) == 1


@pytest.mark.parametrize("module", ["os", "time", "pathlib", "socket", "random", "requests"])
def test_a_planted_worldly_import_in_the_kernel_is_found(module: str) -> None:
    assert len(list(worldly_imports(Source("sync/codes.py", f"import {module}")))) == 1


def test_pure_imports_in_the_kernel_are_left_alone() -> None:
    text = "import struct\nfrom dataclasses import dataclass\nfrom nacl import bindings"
    assert list(worldly_imports(Source("sync/keys.py", text))) == []


@pytest.mark.parametrize("library", DOORWAYS)
def test_a_planted_side_door_is_found_for_every_library(library: str) -> None:
    text = f"from {library}.inner import thing"
    assert len(list(side_doors(Source("edge/gate/scan.py", text)))) == 1
    for door in DOORWAYS[library]:
        path = f"{door}module.py" if door.endswith("/") else door
        assert list(side_doors(Source(path, text))) == []
