"""Run the benchmarks and write `benchmarks/results.md`: `python -m benchmarks [names]`."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.year import drop_year_database
from gis.errors import QuanxiangError

NAMES = ("chains", "drill", "heat", "first_load", "import_boston", "merge", "walking", "wall")
_RESULTS = Path(__file__).parent / "results.md"
_COLUMNS = ("name", "figure", "unit", "limit_or_peer", "verdict")


def main(asked: list[str]) -> int:
    """Run the named benchmarks, all of them when none is named; return 1 when a limit is missed."""
    console = Console()
    unknown = set(asked) - set(NAMES)
    if unknown:
        console.print(f"[red]there is no benchmark {', '.join(sorted(unknown))}: choose from {', '.join(NAMES)}")
        return 2
    started, rows = datetime.now(UTC), []
    load_before = os.getloadavg()[0]
    try:
        for name in asked or NAMES:
            with console.status(f"{name} is running"):
                rows += importlib.import_module(f"benchmarks.{name}").run()
            console.print(f"{name} done")
    except QuanxiangError as fault:
        console.print(f"[red]{fault}")
        return 1
    finally:
        drop_year_database()
    table = Table("benchmark", "figure", "unit", "limit or peer", "verdict")
    for row in rows:
        table.add_row(*[str(row[column]) for column in _COLUMNS])
    console.print(table)
    _RESULTS.write_text(_as_markdown(rows, started, load_before), encoding="utf-8")
    console.print(f"written to {_RESULTS}")
    return int(any(row["verdict"] == "FAIL" for row in rows))


def _as_markdown(rows: list[dict[str, Any]], started: datetime, load_before: float) -> str:
    lines = [
        "# Benchmark results",
        "",
        f"Machine: {_machine()}; load before the run {load_before:.2f}.",
        f"Date: {started:%Y-%m-%d %H:%M} UTC. Made by `python -m benchmarks`.",
        "",
        "| benchmark | figure | unit | limit or peer | verdict |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *[f"| {' | '.join(str(row[c]) for c in _COLUMNS)} |" for row in rows], ""])


def _machine() -> str:
    model, memory_gb = platform.processor() or platform.machine(), 0.0
    cpuinfo, meminfo = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    if cpuinfo.exists():
        named = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        model = named[0] if named else model
    if meminfo.exists():
        memory_gb = int(meminfo.read_text().split()[1]) / 1e6
    return (
        f"{model}, {os.cpu_count()} cores, {memory_gb:.0f} GB, {platform.system()}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
