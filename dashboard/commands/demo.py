"""`python -m dashboard demo ...`: build, load and feed the demo district."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich import print as show

app = typer.Typer(help="The demo district: build, load, feed. Example: python -m dashboard demo load --days 365")

Seed = Annotated[int, typer.Option(min=0, max=999_999, help="The same seed gives the same district and story.")]
_STEPS = {
    "network": "roads", "blocks": "blocks", "buildings": "buildings", "communities": "communities",
    "source_grids": "three source grids", "names": "names", "facilities": "facilities", "elements": "elements",
    "merge": "merging the grids", "layers": "areas and lineage", "places": "places of cases", "cases": "drawing cases",
    "clear": "clearing the old demo", "geography": "loading the geography", "history": "loading the cases",
    "analyze": "statistics for the planner", "done": "done",
}  # fmt: skip


@app.command()
def build(
    seed: Seed = 1,
    streets: Annotated[
        Path | None, typer.Option(exists=True, help="Real street outlines instead of schematic ones.")
    ] = None,
    credit: Annotated[str, typer.Option(help="Whom the licence of those outlines asks to be named.")] = "",
) -> None:
    """Build the demo district as files under var/demo. Example: python -m dashboard demo build --seed 2."""
    from dashboard.settings import Settings
    from db.demo.load import build_demo

    folder = demo_folder(Settings.from_env().var_dir, seed)
    with _bar("building the demo district") as progress:
        layers = build_demo(folder, seed=seed, streets_file=streets, credit=credit, progress=progress)
    sources = sum(layers.facts["source_cells"].values())
    show(f"built {layers.facts['cells']} cells out of {sources} source cells: {folder}")


@app.command()
def load(
    seed: Seed = 1,
    days: Annotated[int, typer.Option(min=1, max=1100, help="Days of history.")] = 90,
) -> None:
    """Load the demo district with its cases into the database. Example: python -m dashboard demo load --days 365."""
    from datetime import UTC, datetime

    from dashboard.settings import Settings
    from db.demo.load import load_demo
    from db.engine import Database

    settings = Settings.from_env()
    database = Database(settings.database_url)
    try:
        with _bar("loading the demo district") as progress:
            done = load_demo(
                database,
                demo_folder(settings.var_dir, seed),
                until=datetime.now(UTC),
                days=days,
                seed=seed,
                progress=progress,
            )
    finally:
        database.dispose()
    show(f"loaded {done.areas:,} areas, {done.cases:,} cases ({done.open_cases:,} open), {done.events:,} steps")
    show(f"{done.clusters} injected clusters are written down in {demo_folder(settings.var_dir, seed) / 'truth.json'}")


@app.command()
def feed(
    url: Annotated[str, typer.Option(help="Address of the server; that of the settings by default.")] = "",
    rate: Annotated[float, typer.Option(min=0.01, max=20, help="Cases against about 1,500 a day.")] = 1.0,
    speed: Annotated[float, typer.Option(min=0.1, max=60, help="How much faster than life cases come and go.")] = 1.6,
    catch_up: Annotated[bool, typer.Option(help="First fill the gap since the newest case.")] = True,
) -> None:
    """Keep reporting cases to a running server until Ctrl-C. Example: python -m dashboard demo feed --speed 10."""
    from datetime import UTC, datetime

    from dashboard.feed import run_feed, stopped_by_signal
    from dashboard.settings import Settings
    from db.demo import catchup
    from db.demo.load import demo_district
    from db.engine import Database
    from gis.errors import InputFault

    settings = Settings.from_env()
    stop = stopped_by_signal()
    database = Database(settings.database_url)
    try:
        with database.owner() as conn:
            loaded = demo_district(conn)
            if loaded is None:
                raise InputFault("no demo is loaded: run python -m dashboard demo load")
            folder = demo_folder(settings.var_dir, int(loaded["facts"]["seed"]))
            story = catchup.story_of(conn, folder)
        if catch_up and not stop.is_set():
            filled = catchup.catch_up(database, datetime.now(UTC), folder, story=story)
            if filled.steps:
                since = f"{filled.since:%Y-%m-%d %H:%M} UTC"
                show(f"caught up since {since}: {filled.new_cases:,} cases, {filled.steps:,} steps")
    finally:
        database.dispose()
    address = url or settings.address
    show(f"feeding {address} at speed {speed:g}; Ctrl-C ends")
    tally = run_feed(story, address, rate=rate, speed=speed, stop=stop)
    show(f"reported {tally.reported:,} cases, took {tally.steps:,} steps, {tally.refused:,} refused")


@app.command()
def status() -> None:
    """Tell what of the demo is built and loaded. Example: python -m dashboard demo status."""
    from dashboard.settings import Settings
    from db.demo.layers import is_built
    from db.demo.load import demo_counts
    from db.engine import Database

    settings = Settings.from_env()
    built = sorted(path for path in (settings.var_dir / "demo").glob("*") if is_built(path))
    show("built: " + (", ".join(str(path) for path in built) or "nothing"))
    database = Database(settings.database_url)
    try:
        with database.reading() as conn:
            counts = demo_counts(conn)
    finally:
        database.dispose()
    if counts is None:
        show("loaded: nothing")
        return
    show(
        f"loaded: district {counts['code']}, seed {counts['seed']}, {counts['cases']:,} cases, {counts['open']:,} open"
    )
    show(f"newest case: {counts['newest']}")


def demo_folder(var_dir: Path, seed: int) -> Path:
    """Return where the build of a seed is kept."""
    return var_dir / "demo" / str(seed)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[str, float], None]]:
    """Show one bar with the current step; yields the function that moves it."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda step, share: bar.update(task, completed=share, description=_STEPS.get(step, step))
