"""What the tidy rules read: the files of the checkout, each as a path and its text."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("cloud", "edge", "hardware", "provisioning", "sync")
OURS = (*PRODUCT, "tests")


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the checkout, with `/`, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file as Python's own parser sees it."""
        return ast.parse(self.text, self.path)

    @property
    def room(self) -> str:
        """The top-level folder."""
        return self.path.split("/", 1)[0]

    def lies_in(self, *patterns: str) -> bool:
        """Whether the path is one of these, or lies below one that ends with `/`."""
        return any(
            self.path.startswith(pattern)
            if pattern.endswith("/")
            else PurePosixPath(self.path).match(pattern)
            for pattern in patterns
        )


@lru_cache(maxsize=1)
def kept_files() -> tuple[str, ...]:
    """The paths of all files that are kept under version control, or will be when committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = (path for path in listed.split("\0") if path)
    return tuple(sorted(path for path in paths if (CHECKOUT / path).is_file()))


def kept_texts() -> Iterator[tuple[str, str]]:
    """Every kept file that is text, as path and text."""
    for path in kept_files():
        try:
            yield path, (CHECKOUT / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue


@lru_cache(maxsize=1)
def python_sources() -> tuple[Source, ...]:
    """Every Python file of ours, tests included."""
    return tuple(
        Source(path, (CHECKOUT / path).read_text("utf-8"))
        for path in kept_files()
        if path.endswith(".py")
    )


def product_sources() -> tuple[Source, ...]:
    """Every Python file that runs at a festival."""
    return tuple(source for source in python_sources() if source.room in PRODUCT)
