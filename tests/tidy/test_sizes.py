"""Files and functions stay small enough to be read whole, and say why they exist."""

import ast
from collections.abc import Iterator

from tests.tidy.sources import (
    CHECKOUT,
    Source,
    kept_texts,
    product_sources,
    python_sources,
)

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
LINE_COLUMNS_MAX = 100

# What may be larger, each with its reason: "path" or "path name".
LARGER: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_files(path: str, text: str) -> Iterator[str]:
    """A file with too many lines."""
    lines = text.count("\n")
    if lines > FILE_LINES_MAX and path not in LARGER:
        yield f"{path} has {lines} lines: at most {FILE_LINES_MAX}"


def long_functions(source: Source) -> Iterator[str]:
    """Functions with too many lines, from `def` to the end."""
    for node in ast.walk(source.tree):
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX and f"{source.path} {node.name}" not in LARGER:
                yield f"{source.path} {node.name} has {lines} lines: at most {FUNCTION_LINES_MAX}"


def missing_docstrings(source: Source) -> Iterator[str]:
    """The module, public classes and public functions that do not say what they are for."""
    if not ast.get_docstring(source.tree):
        yield f"{source.path} does not open with the sentence that says why it exists"
    yield from _undocumented(source, source.tree)


def _undocumented(source: Source, holder: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in holder.body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node) and not _is_variant(node):
            yield f"{source.path} {node.name} has no docstring"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(source, node)


def _is_variant(node: Function | ast.ClassDef) -> bool:
    """Whether another definition of the same name carries the words."""
    marks = {ast.unparse(decorator).rsplit(".", 1)[-1] for decorator in node.decorator_list}
    return bool(marks & {"overload", "override", "setter"})


def test_no_file_of_code_is_longer_than_four_hundred_lines() -> None:
    texts = [(s.path, s.text) for s in python_sources()]
    texts += [(path, text) for path, text in kept_texts() if text.startswith("#!")]
    assert [line for path, text in texts for line in long_files(path, text)] == []


def test_no_function_is_longer_than_fifty_lines() -> None:
    assert [line for source in python_sources() for line in long_functions(source)] == []


def test_every_script_keeps_to_a_hundred_columns() -> None:
    found = [
        f"{path}:{number}"
        for path, text in kept_texts()
        if text.startswith("#!")
        for number, line in enumerate(text.splitlines(), start=1)
        if len(line) > LINE_COLUMNS_MAX
    ]
    assert found == []


def test_everything_public_in_the_product_says_what_it_is_for() -> None:
    assert [line for source in product_sources() for line in missing_docstrings(source)] == []


def test_every_exception_for_size_is_still_needed() -> None:
    for name in LARGER:
        path, _, function = name.partition(" ")
        assert (CHECKOUT / path).is_file(), f"{path} is gone: take it out of LARGER"
        assert not function or f"def {function}(" in (CHECKOUT / path).read_text("utf-8")


def test_a_planted_long_file_and_a_planted_long_function_are_found() -> None:
    body = "    pass\n"
    assert list(long_files("edge/lane.py", "x = 1\n" * 400)) == []
    assert len(list(long_files("edge/lane.py", "x = 1\n" * 401))) == 1
    assert list(long_functions(Source("edge/a.py", "def f():\n" + body * 49))) == []
    assert len(list(long_functions(Source("edge/a.py", "async def f():\n" + body * 50)))) == 1


def test_planted_public_names_without_a_docstring_are_found() -> None:
    text = '"""Why."""\nclass A:\n    def b(self): ...\n    def _c(self): ...\ndef d(): ...\n'
    assert len(list(missing_docstrings(Source("edge/a.py", text)))) == 3
    assert len(list(missing_docstrings(Source("edge/a.py", "x = 1")))) == 1
