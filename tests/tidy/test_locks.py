r"""The locks pin every package by hash and say nothing about where packages come from.

To renew them after a change to requirements.in or requirements-test.in, with uv:

    uv pip compile --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
        --no-emit-index-url --no-header requirements.in -o requirements.lock

and the same for requirements-test.in, after it. Without options that name a place, so that the
hashes are those of the public wheels for every machine.
"""

import re
from collections.abc import Iterator

import pytest

from tests.tidy.sources import CHECKOUT

LOCKS = ("requirements.lock", "requirements-test.lock")
REQUIREMENT = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ;\\]+)(?P<marker> ; [^\\]+)? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def faults(lock: str) -> Iterator[str]:
    """Everything in a lock that is not a pinned version, one of its hashes or a comment."""
    waiting = ""
    for number, line in enumerate(lock.splitlines(), start=1):
        if HASH.fullmatch(line):
            waiting = ""
        elif REQUIREMENT.fullmatch(line):
            if waiting:
                yield f"{waiting} has no hash"
            waiting = line
        elif not line.lstrip().startswith("#"):
            yield f"line {number} is neither a pin nor a hash: {line}"
        if "://" in line or re.search(r"(?<!\w)/", line):
            yield f"line {number} names a place: {line}"
    if waiting:
        yield f"{waiting} has no hash"


def pins(lock: str) -> dict[str, str]:
    """Each package of a lock with its version."""
    return {found["name"]: found["version"] for found in REQUIREMENT.finditer(lock)}


def wanted(name: str) -> set[str]:
    """The packages that an input names, without versions."""
    lines = (CHECKOUT / name).read_text("utf-8").splitlines()
    return {re.split(r"[<>=;\s]", line)[0] for line in lines if line and line[0] not in "#-"}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_with_hashes_and_without_a_place(lock: str) -> None:
    text = (CHECKOUT / lock).read_text("utf-8")
    assert list(faults(text)) == []
    assert wanted(lock.replace(".lock", ".in")) <= set(pins(text))


def test_the_tests_run_against_exactly_the_versions_of_the_festival() -> None:
    run, test = (pins((CHECKOUT / lock).read_text("utf-8")) for lock in LOCKS)
    assert run.items() <= test.items()


def test_planted_faults_in_a_lock_are_found() -> None:
    good = f"click==8.1 \\\n    --hash=sha256:{'a' * 64}\n    # via us\n"
    assert list(faults(good)) == []
    for bad in (
        "click==8.1\n",
        "click>=8.1 \\\n",
        "click==8.1 \\\n",
        "--index-url https://example.org\n",
        "--find-links /srv/wheels\n",
        "click @ file:///srv/click.whl\n",
    ):
        assert list(faults(good + bad))
        assert list(faults(bad + good))
