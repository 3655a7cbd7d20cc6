"""The pinned requirements: exact, complete, and nothing that the oldest Python we promise cannot install."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import distribution, packages_distributions

import pytest
from packaging.specifiers import SpecifierSet

from tests.architecture.sources import PACKAGES, modules
from tests.clones import ROOT

_DEBIAN_12_PYTHON = "3.11.2"


def _name(written: str) -> str:
    return re.sub(r"[-_.]+", "-", written).lower()


def _pins(file: str) -> dict[str, str]:
    pins = {}
    for line in (ROOT / file).read_text().splitlines():
        if line and not line.startswith(("#", "-r")):
            name, equals, version = line.partition("==")
            assert equals, f"{file}: {line} is not pinned"
            pins[_name(name.partition("[")[0])] = version
    return pins


def _imported() -> set[str]:
    """Top-level names of other people's packages that the product imports."""
    found = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - set(PACKAGES)


def test_every_import_of_the_product_is_a_pinned_requirement() -> None:
    owners = packages_distributions()
    pinned = _pins("requirements.txt")
    missing = {name for name in _imported() if not {_name(owner) for owner in owners.get(name, [name])} & pinned.keys()}
    assert missing == set()


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_installs_on_debian_12(file: str) -> None:
    refused = {}
    for name, version in _pins(file).items():
        installed = distribution(name)
        needs = installed.metadata.get("Requires-Python")
        if installed.version == version and needs and not SpecifierSet(needs).contains(_DEBIAN_12_PYTHON):
            refused[name] = needs
    assert refused == {}
