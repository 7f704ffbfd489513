"""A library that only Debian has is found there, and nothing else of Debian's is."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.debian import imported

NAME = "guichet_lent_by_debian"


@pytest.fixture
def debian(tmp_path: Path) -> Iterator[Path]:
    package = tmp_path / NAME
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "inner.py").write_text("VALUE = 5")
    (tmp_path / "guichet_other.py").write_text("")
    yield tmp_path
    for name in [one for one in sys.modules if one.startswith("guichet_")]:
        del sys.modules[name]


def test_what_debian_brings_is_found_and_its_folder_is_not_left_open(debian: Path) -> None:
    before = list(sys.path)
    assert imported(f"{NAME}.inner", debian).VALUE == 5
    assert sys.path == before
    with pytest.raises(ImportError):
        __import__("guichet_other")


def test_what_is_here_comes_first(debian: Path) -> None:
    (debian / "json.py").write_text("VALUE = 5")
    assert not hasattr(imported("json", debian), "VALUE")


def test_what_is_nowhere_or_broken_leaves_nothing_behind(debian: Path) -> None:
    with pytest.raises(ImportError):
        imported("guichet_nowhere", debian)
    (debian / NAME / "inner.py").write_text("import guichet_missing_piece")
    with pytest.raises(ImportError):
        imported(f"{NAME}.inner", debian)
    assert not [one for one in sys.modules if one.startswith(NAME)]
