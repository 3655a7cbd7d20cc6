"""House rules about the running application: built by a function, asynchronous short callbacks, explained settings."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from dashboard.settings import Settings, described
from db.engine import Database
from tests.architecture.sources import LONGEST_CALLBACK, function_lines, modules, shown
from tests.clones import ROOT


def _settings(database: Database, var_dir: Path) -> Settings:
    return Settings(database_url=database.url.render_as_string(hide_password=False), var_dir=var_dir)


def _callbacks(app: Any) -> dict[str, Any]:
    """Output -> the function written by us, for every callback that runs on the server."""
    return {
        output: inspect.unwrap(entry["callback"])
        for output, entry in app.state.dash.callback_map.items()
        if "callback" in entry
    }


def test_two_apps_live_in_one_process(demo_database: Database, tmp_path: Path) -> None:
    from dashboard.app import create_app

    first, second = (create_app(_settings(demo_database, tmp_path)) for _ in range(2))
    assert first is not second
    assert list(_callbacks(first)) == list(_callbacks(second)) != []


def test_callbacks_never_run_on_the_event_loop(demo_database: Database, tmp_path: Path) -> None:
    from dashboard.app import create_app

    callbacks = _callbacks(create_app(_settings(demo_database, tmp_path)))
    sync = [f"{fn.__module__}.{fn.__qualname__}" for fn in callbacks.values() if not inspect.iscoroutinefunction(fn)]
    assert sync == []
    hidden = [
        fn.__qualname__
        for fn in callbacks.values()
        if not re.fullmatch(r"(register\.<locals>\.)?on_\w+", fn.__qualname__)
    ]
    assert hidden == []


@pytest.mark.parametrize("path", list(modules("dashboard/callbacks")), ids=shown)
def test_callback_is_short(path: Path) -> None:
    long = {name: lines for name, lines in function_lines(path.read_text(), "on_").items() if lines > LONGEST_CALLBACK}
    assert long == {}


def test_every_setting_is_explained_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    missing = [variable for variable, *_ in described() if f"`{variable}`" not in readme]
    assert missing == []


def test_every_setting_has_a_meaning_and_numbers_have_a_unit() -> None:
    for one in dataclasses.fields(Settings):
        assert one.metadata["help"], one.name
        if isinstance(one.default, int):
            assert one.metadata["unit"], one.name
