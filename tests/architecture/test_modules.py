"""House rules about modules: their length and names, what stands in them, and what happens when they are imported."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import (
    FORBIDDEN_NAMES,
    LONGEST_MODULE,
    PACKAGES,
    chinese_strings,
    modules,
    shown,
    sql_strings,
    statements_at_import,
)
from tests.clones import ROOT

_CHINESE_IS_DATA = (
    "layouts/text",
    "gis/city",
    "gis/pinyin.py",
    "db/demo",
    "db/reference",
    "db/intake",  # names of columns in other people's files
    "db/write",  # findings are stored in both languages
    "db/export",  # files say what they are in both languages
    "dashboard/commands",
)


def test_rules_find_what_they_look_for() -> None:
    source = (
        '"""说明。"""\nlabel = "超期"\nquery = "SELECT code FROM area"\nword = "select an area from the list"\nrun()\n'
    )
    assert chinese_strings(source) == [(2, "超期")]
    assert [line for line, _ in sql_strings(source)][:1] == [3]
    assert statements_at_import(source) == [5]


@pytest.mark.parametrize("path", [*modules(), *sorted((ROOT / "benchmarks").glob("*.py"))], ids=shown)
def test_module_is_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE


def test_tests_are_at_most_300_lines_too() -> None:
    long = [shown(path) for path in modules("tests") if len(path.read_text().splitlines()) > LONGEST_MODULE]
    assert long == []


def test_no_module_or_folder_is_a_drawer_for_everything() -> None:
    named = [shown(path) for path in modules() if FORBIDDEN_NAMES & {*path.relative_to(ROOT).with_suffix("").parts}]
    assert named == []


@pytest.mark.parametrize("package", PACKAGES)
def test_package_says_what_belongs_in_it(package: str) -> None:
    assert len((ROOT / package / "README.md").read_text()) > 200


def test_labels_stand_in_the_text_module_only() -> None:
    found = [
        f"{shown(path)}:{line} {text!r}"
        for path in modules()
        if not shown(path).startswith(_CHINESE_IS_DATA)
        for line, text in chinese_strings(path.read_text())
        if text != "全响 Quanxiang"
    ]
    assert found == []


def test_sql_stands_in_db_only() -> None:
    found = [
        f"{shown(path)}:{line} {text[:60]!r}"
        for path in modules("gis", "layouts", "dashboard")
        for line, text in sql_strings(path.read_text())
    ]
    assert found == []


def test_nothing_happens_when_a_module_is_imported() -> None:
    runs = {"db/migrations/env.py", "dashboard/__main__.py"}  # Alembic and Python run these two themselves
    found = [
        f"{shown(path)}:{line}"
        for path in modules()
        if shown(path) not in runs
        for line in statements_at_import(path.read_text())
    ]
    assert found == []


def test_imports_go_down_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]


def test_nothing_of_the_browser_comes_from_another_machine() -> None:
    allowed = ("http://www.w3.org/", "http://127.0.0.1", "http://localhost")
    address = re.compile(r"""["'(](https?://[^"')]*|//cdn[^"')]*)""")
    found = [
        f"{shown(path)}: {foreign}"
        for path in sorted((ROOT / "dashboard" / "assets").rglob("*"))
        if path.suffix in {".css", ".html", ".js", ".json", ".svg"} and not path.name.endswith(".min.js")
        for foreign in address.findall(path.read_text())
        if not foreign.startswith(allowed)
    ]
    assert found == []
