"""Time, chance, sleep and broad excepts: each only where a reader expects it."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.tidy.references import used_names
from tests.tidy.sources import Source, product_sources

CLOCK_AND_CHANCE_DOORS = (
    "hardware/wall_clock.py",
    "provisioning/chance.py",
    "cloud/clock_and_chance.py",
)
CLOCK_AND_CHANCE = re.compile(
    r"""(
        time\.(time|monotonic|perf_counter|process_time|clock_gettime)(_ns)?
        | time\.(localtime|gmtime|ctime|asctime|strftime)
        | datetime\.datetime\.(now|utcnow|today) | datetime\.date\.today
        | os\.(urandom|getrandom) | secrets\..* | uuid\.uuid[14] | random\..*
        | nacl\.utils\.random | nacl\..*\.generate | numpy\.random(\..*)?
    )""",
    re.VERBOSE,
)
SQL_CLOCK_OR_CHANCE = re.compile(
    r"""['"]now['"]\s*[,)] | \bcurrent_(timestamp|time|date)\b | \brandom(blob)?\s*\(""",
    re.VERBOSE | re.IGNORECASE,
)
# The last stop of each kind of work: a job, an exchange, a request of others, a command.
BROAD_CATCHERS = (
    "edge/neighbours/site.py",
    "edge/lane.py",
    "edge/uplink.py",
    "edge/gate/api/middleware.py",
    "cloud/middleware.py",
    "*/__main__.py",
)


def clock_or_chance(source: Source) -> Iterator[str]:
    """Uses of a clock or of randomness, in Python or inside SQL, outside the doorways."""
    if source.lies_in(*CLOCK_AND_CHANCE_DOORS):
        return
    for name, line in used_names(source):
        if CLOCK_AND_CHANCE.fullmatch(name):
            yield f"{source.path}:{line} fetches {name}: time and chance are given"
    prose = _docstrings(source.tree)
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in prose:
            continue
        if SQL_CLOCK_OR_CHANCE.search(node.value):
            yield f"{source.path}:{node.lineno} lets SQL fetch time or chance: hand it in"


def sleeps(source: Source) -> Iterator[str]:
    """Uses of `time.sleep`, which cannot be woken and fails under a shifted clock."""
    for name, line in used_names(source):
        if name == "time.sleep":
            yield f"{source.path}:{line} sleeps: wait on an Event"


def asserts(source: Source) -> Iterator[str]:
    """Assert statements, which Python drops under -O."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assert):
            yield f"{source.path}:{node.lineno} asserts: raise an error that says what to do"


def broad_excepts(source: Source) -> Iterator[str]:
    """Handlers for everything that neither stand where they may nor pass the error on."""
    if source.lies_in(*BROAD_CATCHERS):
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = ast.unparse(node.type) if node.type else "BaseException"
        passes_on = isinstance(node.body[-1], ast.Raise)
        if re.search(r"\b(Base)?Exception\b", caught) and not passes_on:
            yield f"{source.path}:{node.lineno} catches everything: name what can go wrong"


def _docstrings(tree: ast.Module) -> set[ast.AST]:
    """Every text that stands alone as a statement: prose, not SQL."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def test_time_and_chance_come_only_through_their_doorways() -> None:
    assert [line for source in product_sources() for line in clock_or_chance(source)] == []


def test_nothing_in_the_product_sleeps_blindly() -> None:
    assert [line for source in product_sources() for line in sleeps(source)] == []


def test_nothing_in_the_product_asserts() -> None:
    assert [line for source in product_sources() for line in asserts(source)] == []


def test_only_the_lane_those_who_carry_the_middleware_and_main_catch_broadly() -> None:
    assert [line for source in product_sources() for line in broad_excepts(source)] == []


@pytest.mark.parametrize(
    "text",
    [
        "import time\nnow = time.time()",
        "from time import monotonic_ns as tick\ntick()",
        "import datetime as d\nd.datetime.now(d.UTC)",
        "from datetime import datetime\nread = datetime.utcnow",
        "import os\nseed = os.urandom(32)",
        "from uuid import uuid4",
        "from nacl.signing import SigningKey\nSigningKey.generate()",
        "rows = db.execute('SELECT datetime(\"now\")')",
        "TABLE = 'CREATE TABLE t (made TEXT DEFAULT CURRENT_TIMESTAMP)'",
        "sql = f'SELECT randomblob({n})'",
    ],
)
def test_a_planted_clock_or_chance_is_found(text: str) -> None:
    assert list(clock_or_chance(Source("edge/lane.py", text)))
    assert list(clock_or_chance(Source("hardware/wall_clock.py", text))) == []


def test_words_about_time_and_harmless_times_are_left_alone() -> None:
    text = '"""The \'now\', current_time and random() of a fact."""\nimport time\ntime.struct_time'
    assert list(clock_or_chance(Source("edge/lane.py", text))) == []


def test_a_planted_sleep_and_a_planted_assert_are_found() -> None:
    assert len(list(sleeps(Source("edge/a.py", "import time as t\nt.sleep(1)")))) == 1
    assert list(sleeps(Source("edge/a.py", "import asyncio\nasyncio.sleep(1)"))) == []
    assert len(list(asserts(Source("edge/a.py", "def f(x):\n    assert x > 0")))) == 1


def test_a_planted_broad_except_is_found_unless_it_passes_the_error_on() -> None:
    plain = "try:\n    f()\nexcept {}:\n    {}\n"
    for caught in ("Exception", "BaseException as e", "(OSError, Exception)"):
        source = Source("edge/a.py", plain.format(caught, "log()"))
        assert len(list(broad_excepts(source))) == 1
    assert len(list(broad_excepts(Source("edge/a.py", "try:\n    f()\nexcept:\n    g()")))) == 1
    assert list(broad_excepts(Source("edge/a.py", plain.format("OSError", "log()")))) == []
    assert list(broad_excepts(Source("edge/a.py", plain.format("Exception", "raise")))) == []
    assert list(broad_excepts(Source("edge/lane.py", plain.format("Exception", "log()")))) == []
