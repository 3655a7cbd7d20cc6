"""Detours: cases that go to the wrong unit first, come back and are sent on; a few go to and fro, a few are hung.

A detour lies between the dispatch and the start of handling and is told together with that start, so a history told in
two halves holds the same detours as one told at once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gis.city.cases_lifecycle import NEVER, STEPS, Courses, uniforms
from gis.worktime import aware

DETOUR_SHARE = {1: 0.05, 2: 0.06, 3: 0.10}
OTHER_SHARE = 0.03
PING_PONG_SHARE = 0.09
HUNG_SHARE = 0.008
_SHORTEST_S = 900
_DISPATCHED, _HANDLING = STEPS.index("dispatched"), STEPS.index("handling")
_DEPARTMENTS = np.array(["区城管执法局", "区城市管理委", "西城交通支队", "区住房城市建设委"], dtype=object)
_WHY = np.array(["非本单位职责", "管辖边界不清", "需其他单位牵头"], dtype=object)

# share of the time from dispatch to handling, word, whether the wrong unit says or gets it
_ONCE = ((0.25, "returned", True), (0.31, "dispatched", False))
_TO_AND_FRO = (
    (0.12, "returned", True), (0.16, "dispatched", False), (0.30, "returned", False),
    (0.36, "dispatched", True), (0.50, "returned", True), (0.58, "dispatched", False),
)  # fmt: skip
_HANGING = ((0.70, "hung", False), (0.92, "resumed", False))


def with_detours(
    rows: pd.DataFrame, step: np.ndarray, raw: pd.DataFrame, course: Courses, cases: pd.DataFrame,
    streets: dict[str, str],
) -> pd.DataFrame:  # fmt: skip
    """Return rows of `case_event` with the steps of detours among them.

    Parameters
    ----------
    rows, step
        The plain steps as `cases_batch.step_rows` makes them, and the column of `STEPS` of each.
    raw, course, cases
        As there: one row per case.
    streets
        Names of streets by 9-digit code.
    """
    u = uniforms(raw["external_id"].to_numpy(), 5, 7919)
    chain = raw["lead_chain"].to_numpy(int)
    street = pd.Series(cases["street_code"].to_numpy(object)).map(streets).fillna("").to_numpy(object)
    share = np.array([DETOUR_SHARE.get(one, OTHER_SHARE) for one in range(9)])[chain]
    department = _DEPARTMENTS[(u[:, 1] * len(_DEPARTMENTS)).astype(int)]
    wrong = np.where(chain == 2, department, street + "办事处")
    right = cases["unit"].to_numpy(object)
    astray = (u[:, 0] < share) & (street != "") & (wrong != right)
    case_row = rows["case_row"].to_numpy()
    first = (step == _DISPATCHED) & astray[case_row]
    units = np.where(first, wrong[case_row], rows["unit"].to_numpy(object))
    started = case_row[step == _HANDLING]
    sent, begun = course.seconds[started, _DISPATCHED], course.seconds[started, _HANDLING]
    roomy = (sent != NEVER) & (sent > 0) & (begun - sent > _SHORTEST_S)
    started = started[roomy]
    to_and_fro = u[:, 2] < PING_PONG_SHARE
    hung = (u[:, 3] < HUNG_SHARE) & (chain <= 3)
    parts = [rows.assign(unit=units, order=step.astype(float))]
    for chosen, told in (
        (astray & ~to_and_fro, _ONCE), (astray & to_and_fro, _TO_AND_FRO), (hung, _HANGING),
    ):  # fmt: skip
        own = started[chosen[started]]
        parts += [_told(own, part, course, wrong, right, _WHY[(u[own, 4] * 3).astype(int)]) for part in told]
    made = pd.concat(parts, ignore_index=True)
    return made.sort_values(["case_row", "order"], kind="stable").drop(columns="order").reset_index(drop=True)


def _told(
    own: np.ndarray, part: tuple[float, str, bool], course: Courses, wrong: np.ndarray, right: np.ndarray,
    why: np.ndarray,
) -> pd.DataFrame:  # fmt: skip
    share, word, by_wrong = part
    sent, begun = course.seconds[own, _DISPATCHED], course.seconds[own, _HANDLING]
    at = sent + ((begun - sent) * share).astype(np.int64)
    reason = {"returned": why, "hung": "等待产权单位配合"}.get(word, "")
    return pd.DataFrame(
        {
            "case_row": own,
            "stage": word,
            "at": aware(at.astype("datetime64[s]"), course.timezone),
            "actor": "处置单位" if word == "returned" else "指挥派遣席",
            "unit": (wrong if by_wrong else right)[own],
            "reason": reason,
            "order": _DISPATCHED + share,
        }
    )
