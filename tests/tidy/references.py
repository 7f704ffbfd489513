"""Which modules and names a Python file refers to, spelled in full whatever it calls them."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from tests.tidy.sources import Source


class Reference(NamedTuple):
    """A module or name in full, and the line on which it is used."""

    name: str
    line: int


def imported_modules(source: Source) -> Iterator[Reference]:
    """Every module that a file imports, at the top, inside a function or by its name as text."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Reference(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            yield Reference(_origin(source, node), node.lineno)
        elif isinstance(node, ast.Call) and _is_import_call(node.func) and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield Reference(first.value, node.lineno)


def used_names(source: Source) -> Iterator[Reference]:
    """Every dotted name that a file reads and that begins with something it imported."""
    known = _bound_names(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Reference(f"{_origin(source, node)}.{alias.name}", node.lineno)
        elif isinstance(node, ast.Name | ast.Attribute):
            head, *rest = _dotted(node)
            if head in known:
                yield Reference(".".join([known[head], *rest]), node.lineno)


def _origin(source: Source, node: ast.ImportFrom) -> str:
    """The module of a `from … import`, with a relative one made absolute."""
    if node.level == 0:
        return node.module or ""
    package = source.path.split("/")[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


def _is_import_call(function: ast.expr) -> bool:
    return _dotted(function)[-1] in {"import_module", "__import__"}


def _bound_names(source: Source) -> dict[str, str]:
    """What each imported name of a file stands for."""
    known = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    known[alias.asname] = alias.name
                else:
                    top = alias.name.split(".", 1)[0]
                    known[top] = top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                known[alias.asname or alias.name] = f"{_origin(source, node)}.{alias.name}"
    return known


def _dotted(node: ast.expr) -> list[str]:
    """The parts of `a.b.c`; a part that is no name becomes `?`."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return parts[::-1]
