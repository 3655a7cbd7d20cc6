"""The product's own source files and the house rules that can be read off them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.clones import ROOT

PACKAGES = ("gis", "db", "layouts", "dashboard")
LONGEST_MODULE = 300
LONGEST_CALLBACK = 25
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "stuff", "lib"}

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_SQL = re.compile(
    r"^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s*\(|"
    r"(CREATE|ALTER|DROP)\s+(TABLE|INDEX|ROLE|FUNCTION|TRIGGER|EXTENSION)\s|TRUNCATE\s+\w|SET\s+LOCAL\s)",
    re.IGNORECASE | re.DOTALL,
)


def modules(*folders: str) -> Iterator[Path]:
    """Every Python file of the product under the given folders (all packages when none is given)."""
    for folder in folders or PACKAGES:
        yield from sorted((ROOT / folder).rglob("*.py"))


def shown(path: Path) -> str:
    """Path as a person writes it."""
    return path.relative_to(ROOT).as_posix()


def strings(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every string literal that is not a docstring."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def chinese_strings(source: str) -> list[tuple[int, str]]:
    """String literals with Chinese in them."""
    return [(line, text) for line, text in strings(source) if _CHINESE.search(text)]


def sql_strings(source: str) -> list[tuple[int, str]]:
    """String literals that are SQL statements."""
    return [(line, text) for line, text in strings(source) if _SQL.match(text)]


def statements_at_import(source: str) -> list[int]:
    """Lines at module level that do more than define: loops, `with`, and bare calls."""
    doing = (ast.For, ast.While, ast.With, ast.AsyncFor, ast.AsyncWith)
    return [
        node.lineno
        for node in ast.parse(source).body
        if isinstance(node, doing) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
    ]


def function_lines(source: str, prefix: str) -> dict[str, int]:
    """Length in lines, without its docstring, of every function whose name starts with `prefix`."""
    lengths = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith(prefix):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lengths[node.name] = (node.end_lineno or node.lineno) - body[0].lineno + 1 if body else 0
    return lengths
