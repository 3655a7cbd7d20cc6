"""Settings: what the environment says, what it may not say, and what is assumed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from dashboard.settings import Settings
from gis.errors import InputFault


def test_empty_environment_gives_the_documented_defaults(tmp_path: Path) -> None:
    settings = Settings.from_env({"QUANXIANG_VAR": str(tmp_path)})
    assert settings.address == "http://127.0.0.1:8050"
    assert settings.database_url == ""
    assert settings.uses_private_cluster


def test_given_server_is_used_instead_of_a_private_one(tmp_path: Path) -> None:
    settings = Settings.from_env({"QUANXIANG_VAR": str(tmp_path), "DATABASE_URL": "postgresql://a:b@c/d"})
    assert settings.database_url == "postgresql://a:b@c/d"
    assert not settings.uses_private_cluster


@pytest.mark.parametrize(
    ("environment", "port"),
    [({"PORT": "9000"}, 9000), ({"QUANXIANG_PORT": "9001", "PORT": "9000"}, 9001), ({"QUANXIANG_PORT": ""}, 8050)],
)
def test_own_variable_goes_before_the_general_one(environment: dict[str, str], port: int) -> None:
    assert Settings.from_env(environment | {"DATABASE_URL": "x"}).port == port


def test_all_wrong_values_are_named_at_once() -> None:
    with pytest.raises(InputFault) as caught:
        Settings.from_env({"QUANXIANG_PORT": "70000", "QUANXIANG_POOL_SIZE": "-1", "QUANXIANG_LOG_LEVEL": "loud"})
    told = str(caught.value)
    assert "QUANXIANG_PORT must be a whole number from 1 to 65535, not '70000'" in told
    assert "QUANXIANG_POOL_SIZE" in told
    assert "QUANXIANG_LOG_LEVEL must be one of debug, info, warning, error" in told


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


def test_address_for_a_browser_is_never_the_any_address() -> None:
    assert Settings(host="0.0.0.0", port=81).address == "http://127.0.0.1:81"
