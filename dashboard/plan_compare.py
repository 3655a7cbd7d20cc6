"""Up to four scenarios side by side, for the panel."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from dashboard.circles import Answer, child_unit
from dashboard.plans import Outcome, outcome_of
from dashboard.services import Services
from db.write import scenarios
from gis.errors import InputFault
from gis.scenario import read_changes, standing
from layouts.plan_table import compare_layout, streets_layout
from layouts.text import Words

MOST = 4


def compared(services: Services, answer: Answer, names: dict[str, str], words: Words) -> list[Component]:
    """Return the chosen scenario beside the last changed others, and the chosen one's areas; [] without one."""
    if not answer.choice.plan:
        return []
    district = services.district_of(answer.view.code)
    with services.database.reading() as conn:
        chosen = scenarios.one_scenario(conn, district.code, int(answer.choice.plan))
        others = [row for row in scenarios.scenarios(conn, district.code) if row["id"] != chosen["id"]]
    rows = []
    first: Outcome | None = None
    for row in [chosen, *others][:MOST]:
        outcome = _outcome(services, answer, row)
        first = first or (outcome if row is chosen else None)
        rows.append((row, outcome))
    made = [compare_layout(answer.view, answer.choice, answer.whole, rows, words)]
    if first is not None and len(first.streets):
        made.append(streets_layout(first.streets, names, words))
    return made


def _outcome(services: Services, answer: Answer, row: dict[str, Any]) -> Outcome | None:
    """Return what a scenario gives; kept. None when the record does not have what it changes any more."""
    choice, view = answer.choice, answer.view
    key = ("plan", row["id"], row["changed_at"], view.code, choice.items, choice.profile, choice.minutes, choice.moment)
    unit = child_unit(services, view, services.district_of(view.code))
    try:
        made: Outcome = answer.ground.once(
            key, lambda: outcome_of(answer, standing(read_changes(row["changes"])), unit)
        )
    except InputFault:
        return None
    return made
