"""Rows of a case file become cases: every row is either a case or a refusal with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from db.intake.findings import Findings
from db.intake.profile import FieldSpec, Profile, fill, guess_fields, require_columns, unmapped
from db.intake.tabular import TextTable
from db.intake.times import Times, read_times
from gis.errors import InputFault
from gis.terms import CHAINS, CHANNELS

CASE_NAMES = {
    "external_id": ("external_id", "case_id", "case_number", "id", "案件编号", "工单编号", "编号"),
    "title": ("title", "标题", "问题描述", "description"),
    "place": ("place", "address", "地址", "位置", "发生地址"),
    "lon": ("lon", "longitude", "lng", "x", "经度"),
    "lat": ("lat", "latitude", "y", "纬度"),
    "reported_at": ("reported_at", "opened_at", "上报时间", "受理时间", "来电时间"),
    "due_at": ("due_at", "截止时间", "处置时限"),
    "handled_at": ("handled_at", "处置时间"),
    "closed_at": ("closed_at", "结案时间", "办结时间"),
    "channel": ("channel", "来源", "上报渠道"),
    "category": ("category", "category_code", "类别编码"),
    "urgency": ("urgency", "紧急程度"),
    "population_group": ("population_group", "人群"),
    "area_code": ("area_code", "street_code", "街道编码"),
    "unit": ("unit", "department", "处置部门"),
}
"""What such columns are usually called, for files without a profile."""

REQUIRED = ("external_id", "reported_at", "category")
_CLOCK_SLACK = timedelta(minutes=5)


@dataclass(frozen=True)
class CaseRows:
    """The good rows of a file.

    Attributes
    ----------
    cases
        Columns of the `cases` table as far as the file says them, with `x`, `y` as received; indexed by row number.
    findings
        Refused and flagged rows.
    total
        Rows of the file, good and bad.
    """

    cases: pd.DataFrame
    findings: Findings
    total: int


def case_fields(name: str, columns: tuple[str, ...], profile: Profile) -> dict[str, FieldSpec]:
    """Return the mapping of a file: the profile's, completed by well-known column names.

    Raises
    ------
    InputFault
        When a column of the mapping, or a field that every case needs, is missing.
    """
    fields = guess_fields(columns, CASE_NAMES) | dict(profile.fields)
    require_columns(name, columns, fields)
    absent = [item for item in REQUIRED if item not in fields]
    if absent:
        raise InputFault(
            f"{name} says no {', '.join(absent)}: name the column with --map {absent[0]}=COLUMN or a profile; "
            f"it has {', '.join(columns)}"
        )
    return fields


def case_rows(
    table: TextTable, fields: dict[str, FieldSpec], categories: pd.DataFrame, *, zone: str, now: datetime
) -> CaseRows:
    """Turn a file's rows into cases.

    Parameters
    ----------
    table
        The file, every value text.
    fields
        The mapping, see `case_fields`.
    categories
        The category tree: [code, family, minor_zh, lead_chain].
    zone
        IANA zone of times without an offset.
    now
        Aware; a report from the future is refused.
    """
    notes = Findings()
    frame = table.frame
    notes.add("refused", "broken_row", "the row has another number of fields than the header", list(table.broken))
    text = {ours: fill(frame, spec) for ours, spec in fields.items()}
    times: dict[str, Times] = {
        name: read_times(text[name], zone)
        for name in ("reported_at", "due_at", "handled_at", "closed_at")
        if name in text
    }
    bad = _refuse(notes, frame.index, text, times, categories, now)
    _flag_times(notes, frame.index, times, bad, now)
    _note_words(notes, frame, fields["category"])
    kinds = categories.set_index("code")
    place = kinds.index.get_indexer(pd.Index(text["category"]))
    out = pd.DataFrame(index=frame.index)
    out["external_id"] = text["external_id"]
    out["category"] = text["category"]
    for ours, theirs in (("family", "family"), ("lead_chain", "lead_chain")):
        out[ours] = kinds[theirs].to_numpy()[place]
    if "lead_chain" in text:  # the source knows who answers; words that are no chain leave it to the category
        told = pd.to_numeric(text["lead_chain"], errors="coerce")
        out["lead_chain"] = out["lead_chain"].mask(told.isin(CHAINS).to_numpy(), told.fillna(0)).astype("int16")
    named = pd.Series(kinds["minor_zh"].to_numpy()[place], index=frame.index, dtype="str")
    out["title"] = text["title"].fillna(named) if "title" in text else named
    for name in ("place", "population_group", "unit", "area_code"):
        out[name] = text[name].fillna("") if name in text else ""
    channel = text.get("channel", pd.Series("web", index=frame.index, dtype="str")).fillna("web")
    strange = ~channel.isin(CHANNELS).to_numpy()
    notes.add(
        "flagged",
        "unknown_channel",
        "channel {} is not known; stored as web",
        frame.index[strange & ~bad],
        channel[strange & ~bad],
    )
    out["channel"] = channel.mask(strange, "web")
    urgency = pd.to_numeric(text["urgency"], errors="coerce") if "urgency" in text else pd.Series(3, index=frame.index)
    out["urgency"] = urgency.where(urgency.isin((1, 2, 3)), 3).astype("int16")
    out["x"], out["y"] = _coordinates(notes, frame.index, text, bad)
    for name in ("reported_at", "due_at", "handled_at", "closed_at"):
        out[name] = (
            times[name].at if name in times else pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
        )
    return CaseRows(out[~bad], notes, len(frame) + len(table.broken))


def _refuse(
    notes: Findings,
    rows: pd.Index,
    text: dict[str, pd.Series],
    times: dict[str, Times],
    categories: pd.DataFrame,
    now: datetime,
) -> np.ndarray:
    """Note the rows that cannot be cases; return them as a mask."""
    ids, opened = text["external_id"], times["reported_at"]
    none = ids.isna().to_numpy()
    again = ids.duplicated().to_numpy() & ~none
    odd_time = opened.unreadable
    no_time = opened.at.isna().to_numpy() & ~odd_time
    future = (opened.at > pd.Timestamp(now + _CLOCK_SLACK)).to_numpy()
    unknown = ~text["category"].isin(set(categories["code"])).to_numpy()
    notes.add("refused", "no_id", "the row has no id of its own system", rows[none])
    notes.add("refused", "duplicate_id", "id {} is in an earlier row of the file", rows[again], ids[again])
    notes.add("refused", "no_time", "the row has no report time", rows[no_time])
    notes.add("refused", "unreadable_time", "{} is not a time", rows[odd_time], text["reported_at"][odd_time])
    notes.add("refused", "future", "reported at {}, which is in the future", rows[future], text["reported_at"][future])
    notes.add(
        "refused",
        "unknown_category",
        "category {} is not in the category tree",
        rows[unknown],
        text["category"].fillna("(blank)")[unknown],
    )
    return none | again | odd_time | no_time | future | unknown


def _flag_times(notes: Findings, rows: pd.Index, times: dict[str, Times], bad: np.ndarray, now: datetime) -> None:
    opened = times["reported_at"].at
    for name, seen in times.items():
        doubtful = seen.doubtful & ~bad
        notes.add(
            "flagged", "clock_change", f"{name} falls into the hour that the clocks repeated or skipped", rows[doubtful]
        )
        if name == "reported_at":
            continue
        unreadable = seen.unreadable & ~bad
        notes.add("flagged", "unreadable_time", f"{name} is not a time; stored without it", rows[unreadable])
        early = (seen.at < opened).to_numpy() & ~bad
        notes.add("flagged", "impossible_time", f"{name} is earlier than the report", rows[early])
        if name != "due_at":
            late = (seen.at > pd.Timestamp(now + _CLOCK_SLACK)).to_numpy() & ~bad
            notes.add("flagged", "impossible_time", f"{name} is in the future", rows[late])


def _note_words(notes: Findings, frame: pd.DataFrame, spec: FieldSpec) -> None:
    """List the category words that the map did not name and its last resort took."""
    for word, count in unmapped(frame, spec).items():
        notes.add("note", "unmapped_category", f"category word {{}} ({count} rows) is not in the map", (0,), str(word))


def _coordinates(
    notes: Findings, rows: pd.Index, text: dict[str, pd.Series], bad: np.ndarray
) -> tuple[pd.Series, pd.Series]:
    """Return x and y as numbers; NaN when blank, unreadable, or the 0, 0 that devices send when they do not know."""
    if "lon" not in text or "lat" not in text:
        nothing = pd.Series(np.nan, index=rows)
        return nothing, nothing
    x, y = (pd.to_numeric(text[name], errors="coerce").astype(float) for name in ("lon", "lat"))
    given = (text["lon"].notna() & text["lat"].notna()).to_numpy()
    finite = np.isfinite(x.to_numpy()) & np.isfinite(y.to_numpy())
    odd = given & ~finite & ~bad
    notes.add(
        "flagged",
        "unreadable_coordinate",
        "coordinates {} are not numbers; stored as not located",
        rows[odd],
        text["lon"][odd],
    )
    zero = finite & (x == 0).to_numpy() & (y == 0).to_numpy()
    known = finite & ~zero
    return x.where(known), y.where(known)
