"""No floating point comes near money."""

import ast
from collections.abc import Iterator

import pytest

from tests.tidy.sources import Source, product_sources

MONEY_ROOMS = (
    "sync/money.py",
    "sync/ledger.py",
    "sync/ledger/",
    "sync/spending.py",
    "sync/catalogue.py",
    "sync/allotments.py",
    "edge/bar/",
    "cloud/cashless/",
)


def floats(source: Source) -> Iterator[str]:
    """Float literals, the word `float` and true division."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield f"{source.path}:{node.lineno} has the number {node.value}: money is whole"
        elif isinstance(node, ast.Name) and node.id in {"float", "complex"}:
            yield f"{source.path}:{node.lineno} names {node.id}: money is whole"
        elif isinstance(node, ast.BinOp) and _divides(node) and not _names_a_file(node.right):
            yield f"{source.path}:{node.lineno} divides with `/`: use `//` and say the rest"
        elif isinstance(node, ast.AugAssign) and _divides(node):
            yield f"{source.path}:{node.lineno} divides with `/=`: use `//` and say the rest"


def _divides(node: ast.BinOp | ast.AugAssign) -> bool:
    return isinstance(node.op, ast.Div)


def _names_a_file(right: ast.expr) -> bool:
    """Whether what stands right of a `/` is text, so that it joins a folder and a name."""
    if isinstance(right, ast.Constant):
        return isinstance(right.value, str)
    return isinstance(right, ast.JoinedStr)


def test_no_float_comes_near_money() -> None:
    rooms = [source for source in product_sources() if source.lies_in(*MONEY_ROOMS)]
    assert [line for source in rooms for line in floats(source)] == []


@pytest.mark.parametrize(
    "text",
    ["x = 0.5", "def f(a: float): ...", "x = float('1')", "x = a / b", "a /= 2", "x = 1e2", "1j"],
)
def test_a_planted_float_is_found(text: str) -> None:
    assert list(floats(Source("sync/money.py", text)))


def test_whole_numbers_and_folders_are_left_alone() -> None:
    text = "x = a // b\ny = folder / 'till' / f'{name}.json'\nz = divmod(a, b)"
    assert list(floats(Source("edge/bar/sales.py", text))) == []
