"""Coverage as a file: one row per area with its outline and figures, the method inside the file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from dashboard.circle_panel import assumptions
from dashboard.circles import Answer, answer_of, child_unit, ground_of
from dashboard.plans import outcome_of
from dashboard.services import Services
from db.export.files import write_export
from db.export.frames import Export, Provenance, export_areas
from db.write import scenarios
from gis import baskets
from gis.errors import InputFault
from gis.scenario import read_changes, standing
from gis.scope import View
from layouts.text import words_for

FORMATS = {"geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3", "csv": "text/csv",
           "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


def export_of(services: Services, path: str, search: str, kind: str, lang: str) -> tuple[bytes, str]:
    """Return the file and its name.

    Raises
    ------
    InputFault
        When the format is unknown, or times are not there yet.
    """
    if kind not in FORMATS:
        raise InputFault(f"format {kind!r} is not one of {', '.join(FORMATS)}")
    view, district = services.settled(View.from_url(path, search))
    ground = ground_of(services, district, wait_s=30.0)
    if ground is None:
        raise InputFault("walking times are still being worked out")
    answer = answer_of(services, view, district, ground)
    unit = child_unit(services, view, district)
    table = answer.children.assign(half_min=(answer.children["ds"].clip(upper=36_000) / 600).round(1)).drop(
        columns="ds"
    )
    words = words_for(lang)
    said = assumptions(answer, words)
    with services.database.reading(timeout_ms=20_000) as conn:
        if answer.choice.plan:
            row = scenarios.one_scenario(conn, district.code, int(answer.choice.plan))
            table = table.join(_under(services, answer, row["changes"], int(unit)))
            said.insert(0, words("circles.export.plan", name=row["name"], owner=row["owner"] or "–"))
        made = export_areas(conn, view.code, now=district.local(services.now()), level=unit)
    frame = made.frame.merge(table.reset_index().drop(columns=["people", "over60"]), on="code", how="left")
    told = made.provenance
    provenance = Provenance(told.what, told.scope, told.scope_name, told.data_at, " · ".join(said),
                            told.attribution, told.schematic or bool(ground.told["is_schematic"]))  # fmt: skip
    name = f"circles-{view.code}.{kind}"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / name
        write_export(Export(frame, provenance), target, kind)
        return target.read_bytes(), name


def _under(services: Services, answer: Answer, changes: list[dict[str, object]], digits: int) -> pd.DataFrame:
    """Return the columns that a scenario adds: people covered under it, and person-minutes saved."""
    unit = child_unit(services, answer.view, services.district_of(answer.view.code))
    outcome = outcome_of(answer, standing(read_changes(changes)), unit)
    after = baskets.shares(answer.homes, outcome.last, answer.choice.limit_ds, digits, answer.view.code)
    saved = outcome.streets.set_index("code")["minutes"]
    return pd.DataFrame(
        {
            "plan_people_in": after["people_in"], "plan_people_in_share": after["people_in_share"],
            "plan_minutes_saved": saved.reindex(after.index).fillna(0.0).round(1),
        }
    )  # fmt: skip
