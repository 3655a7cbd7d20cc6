"""The command line as a person meets it: help with examples, one clear line on a fault, exit status."""

from __future__ import annotations

import pytest

from dashboard.__main__ import build_app, main


def _commands() -> list[tuple[str, ...]]:
    from typer.main import get_command

    top = get_command(build_app())
    found: list[tuple[str, ...]] = []
    for name in top.list_commands(None):  # type: ignore[attr-defined, arg-type]
        command = top.get_command(None, name)  # type: ignore[attr-defined, arg-type]
        inner = getattr(command, "commands", None)
        found += [(name, one) for one in inner] if inner else [(name,)]
    return found


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for name in ("serve", "db", "demo", "import", "export", "check"):
        assert name in told


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    commands = _commands()
    assert {("db", "up"), ("db", "migrate"), ("demo", "load"), ("import", "areas"), ("serve",)} <= set(commands)
    for command in commands:
        assert main([*command, "--help"]) == 0
        assert "python -m dashboard" in " ".join(capsys.readouterr().out.split()), command


@pytest.mark.parametrize("arguments", [["nonsense"], ["db", "nonsense"], ["serve", "--port", "0"]])
def test_wrong_arguments_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err


def test_known_fault_is_one_line_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:secret@127.0.0.1:1/district")
    assert main(["db", "migrate"]) == 1
    told = capsys.readouterr().err
    assert told == "✗ the database district at 127.0.0.1:1 does not answer\n"
