"""The command line: `python -m dashboard <command>`.

Commands are loaded when they are called, so that starting the product does not wait for the libraries of an import.
Every module of `dashboard.commands` named here offers `app`, a Typer application.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from gis.errors import QuanxiangError

_MODULES = {
    "up": "up",
    "down": "down",
    "serve": "serve",
    "db": "db",
    "demo": "demo",
    "import": "imports",
    "export": "export",
    "check": "check",
    "keys": "keys",
    "screens": "screens",
    "hotspots": "hotspots",
    "report": "report",
    "backup": "backup",
    "restore": "restore",
    "rules": "rules",
}
"""Command -> module of `dashboard.commands`; one command becomes a command, several become a group."""

_GROUPS = frozenset({"db", "demo", "import", "keys", "rules", "screens", "hotspots"})


class _LazyGroup(TyperGroup):
    """The top-level group; its members are imported by name."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        if cmd_name not in _MODULES:
            return None
        app: typer.Typer = importlib.import_module(f"dashboard.commands.{_MODULES[cmd_name]}").app
        command: Any = get_group(app) if cmd_name in _GROUPS else get_command(app)
        command.name = cmd_name
        return command  # type: ignore[no-any-return]


def build_app() -> typer.Typer:
    """Build the command line."""
    app = typer.Typer(
        cls=_LazyGroup,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )

    @app.callback()
    def quanxiang() -> None:
        """全响 Quanxiang: one map of a district. Example: python -m dashboard demo load."""

    return app


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a known fault becomes one red line and exit status 1.

    Returns
    -------
    int
        Exit status.
    """
    try:
        build_app()(args=arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except QuanxiangError as fault:
        return _refuse(str(fault))
    except PermissionError as fault:
        return _refuse(f"{fault.filename}: this user may not use it" if fault.filename else str(fault))
    except KeyboardInterrupt:
        return 130
    return 0


def _refuse(told: str) -> int:
    Console(stderr=True, soft_wrap=True).print(f"✗ {told}", style="red", markup=False, highlight=False)
    return 1


if __name__ == "__main__":
    sys.exit(main())
