"""A file of cases goes into the record: located, categorised, stored by `COPY`, in one transaction.

Cases that the record already has are left as they are, but for one thing: a case that was open and is closed in the
file is closed, with an event. So the same file, or next month's longer one, can be imported again and again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import ARRAY, BigInteger, Connection, DateTime, column, delete, func, insert, literal, select, update

from db.intake.case_rows import REQUIRED, case_fields, case_rows
from db.intake.datum import crs_word, points_to_wgs84
from db.intake.findings import Findings
from db.intake.profile import FieldSpec, Profile, require_columns
from db.intake.tabular import TextTable, read_table
from db.tables import case_event, cases, category, outbox, quality_issue
from db.write.bulk import BulkReport, bulk_cases
from db.write.categories import ensure_categories
from db.write.clocks import rebuild_clocks
from db.write.territory import deepest_codes, district_row, in_force
from gis.errors import CrsFault, InputFault
from gis.worktime import usual_calendar

LEAST_LOCATED_SHARE = 0.05
"""If fewer of a file's points than this lie in the district, the coordinate system or the district is wrong."""

_MIXED = 20
"""Below this number of points the share says nothing."""

_SEVERITY_ZH = {"refused": "未导入", "flagged": "存疑"}


@dataclass(frozen=True)
class CaseImport:
    """What an import of cases did; `total` = new + known + refused."""

    total: int
    new: int
    known: int
    closed_since: int
    refused: int
    statuses: dict[str, int]
    findings: Findings
    encoding: str


def import_cases(
    conn: Connection,
    path: Path,
    profile: Profile,
    *,
    now: datetime,
    source: str = "",
    district_code: str = "",
    crs: str = "",
    accept: bool = False,
    progress: Callable[[str], None] | None = None,
) -> CaseImport:
    """Import a CSV, XLSX or zipped CSV of cases in the caller's transaction.

    Parameters
    ----------
    conn
        A connection in a transaction as the owner of the tables.
    path, profile
        The file, and how its columns become ours.
    now
        Aware time of the import.
    source, district_code, crs
        Lay over what the profile says: name of the system that the cases come from, which district they are in, and
        `wgs84`, `gcj02`, `bd09` or `EPSG:<number>`.
    accept
        Take the file although hardly any point lies in the district.
    progress
        Called with the name of each step.

    Raises
    ------
    InputFault
        When the file is unreadable or lacks what every case needs.
    CrsFault
        When the points do not lie in the district.
    """
    say = progress or (lambda step: None)
    source = source or str(profile.options.get("source", ""))
    if not source:
        raise InputFault("say which system the cases come from: --source NAME, or `source` in the profile")
    say("reading")
    fields, table = _read(path, profile)
    place = district_row(conn, district_code or str((profile.options.get("district") or {}).get("code", "")))
    ensure_categories(conn)
    tree = select(category.c.code, category.c.family, category.c.minor_zh, category.c.lead_chain)
    kinds = pd.DataFrame(conn.execute(tree).all(), columns=["code", "family", "minor_zh", "lead_chain"])
    zone = str(profile.options.get("timezone", "")) or place.timezone
    rows = case_rows(table, fields, kinds, zone=zone, now=now)
    conn.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"cases of {source}"))))
    fresh, known = _split(conn, rows.cases, source)
    say("locating")
    located = _locate(conn, fresh, place.code, crs or str(profile.options.get("crs", "wgs84")), accept)
    say("writing")
    written = _write(conn, located, source, place.timezone)
    closed_since = _close(conn, known, source)
    _record_doubts(conn, rows.findings, place.code, source)
    counts = located["location_status"].value_counts()
    return CaseImport(
        total=rows.total,
        new=written.cases,
        known=len(known),
        closed_since=closed_since,
        refused=rows.total - len(rows.cases),
        statuses={str(status): int(count) for status, count in counts.items()},
        findings=rows.findings,
        encoding=table.encoding,
    )


def _read(path: Path, profile: Profile) -> tuple[dict[str, FieldSpec], TextTable]:
    """Read only the columns that the mapping names; a file without a profile is read whole to guess them."""
    complete = all(name in profile.fields for name in REQUIRED)
    table = read_table(path, sorted(profile.columns) if complete else None)
    if complete:
        require_columns(path.name, table.columns, profile.fields)
        return dict(profile.fields), table
    return case_fields(path.name, table.columns, profile), table


def _split(conn: Connection, rows: pd.DataFrame, source: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that are new, and those that the record has, with its `id`, `is_open` and `area_code`."""
    stmt = select(cases.c.external_id, cases.c.id, cases.c.is_open, cases.c.area_code.label("known_area"))
    stored = pd.DataFrame(
        conn.execute(stmt.where(cases.c.source == source)).all(), columns=["external_id", "id", "is_open", "known_area"]
    )
    if stored.empty:
        return rows, stored
    is_known = rows["external_id"].isin(set(stored["external_id"]))
    return rows[~is_known], rows[is_known].merge(stored, on="external_id", how="left")


def _locate(conn: Connection, rows: pd.DataFrame, district_code: str, crs: str, accept: bool) -> pd.DataFrame:
    """Add lon, lat, what was received, location status and area code."""
    x, y = rows["x"].to_numpy(float), rows["y"].to_numpy(float)
    lon, lat = points_to_wgs84(x, y, crs)
    areas = in_force(conn, district_code)
    codes = deepest_codes(areas, lon, lat)
    given = np.isfinite(lon) & np.isfinite(lat)
    inside = codes != ""
    if given.sum() >= _MIXED and inside.sum() < LEAST_LOCATED_SHARE * given.sum() and not accept:
        raise CrsFault(
            f"only {inside.sum():,} of {given.sum():,} points lie in district {district_code}: "
            f"is {crs or 'wgs84'} right, and are lon and lat the right way round? (--crs, or --accept to take it so)"
        )
    said = rows["area_code"].to_numpy(dtype=object)
    known = np.isin(said.astype(str), areas["code"].to_numpy(dtype=str)) & ~given
    fallback = np.where(known, said, district_code)
    return rows.assign(
        lon=lon, lat=lat, received_x=x, received_y=y, received_crs=crs_word(crs),
        location_status=np.select([inside, given], ["located", "outside"], "unlocated"),
        area_code=np.where(inside, codes, fallback),
    )  # fmt: skip


def _write(conn: Connection, rows: pd.DataFrame, source: str, zone: str) -> BulkReport:
    """Copy the cases with the events that a file can know: reported, handed over to the check, closed."""
    rows = rows.reset_index(drop=True)
    is_open, is_handled = rows["closed_at"].isna(), rows["handled_at"].notna()
    full = rows.drop(columns=["x", "y", "unit"]).assign(
        source=source,
        is_open=is_open,
        stage=np.select([~is_open, is_handled], ["closed", "checking"], default="reported"),
    )
    full["handled_at"] = full["handled_at"].fillna(full["closed_at"])
    handled, closed = np.flatnonzero(is_handled.to_numpy()), np.flatnonzero(~is_open.to_numpy())
    moments = (rows["reported_at"], rows["handled_at"].iloc[handled], rows["closed_at"].iloc[closed])
    events = pd.DataFrame(
        {
            "case_row": np.concatenate([np.arange(len(rows)), handled, closed]),
            "stage": np.repeat(["reported", "checking", "closed"], [len(rows), len(handled), len(closed)]),
            "at": pd.concat(moments, ignore_index=True),
            "unit": pd.concat([rows["unit"], rows["unit"].iloc[handled], rows["unit"].iloc[closed]], ignore_index=True),
        }
    )
    return bulk_cases(conn, full, events, zone=zone)


def _close(conn: Connection, known: pd.DataFrame, source: str) -> int:
    """Close what the record has open and the file has closed; return how many."""
    if known.empty:
        return 0
    done = known[known["is_open"].astype(bool) & known["closed_at"].notna()]
    if done.empty:
        return 0
    given = func.unnest(
        literal(done["id"].astype(int).tolist(), ARRAY(BigInteger)),
        literal([at.to_pydatetime() for at in done["closed_at"]], ARRAY(DateTime(timezone=True))),
    )
    ended = given.table_valued(
        column("id", BigInteger), column("at", DateTime(timezone=True)), name="ended"
    ).render_derived()
    conn.execute(
        update(cases)
        .where(cases.c.id == ended.c.id)
        .values(
            is_open=False, stage="closed", closed_at=ended.c.at, changed_at=func.now(),
            handled_at=func.coalesce(cases.c.handled_at, ended.c.at),
        )
    )  # fmt: skip
    events = select(ended.c.id, literal("closed"), ended.c.at, literal(source))
    conn.execute(insert(case_event).from_select(["case_id", "stage", "at", "unit"], events))
    rebuild_clocks(conn, done["id"].to_numpy(), usual_calendar(int(done["closed_at"].max().year) + 1))
    conn.execute(insert(outbox).values(kind="bulk", area_code=str(done["known_area"].iloc[0])[:6]))
    return len(done)


def _record_doubts(conn: Connection, findings: Findings, district_code: str, source: str) -> None:
    """Keep one line per kind of doubt for the data-quality page, replacing those of the last import of this source."""
    mark = f"{source}: "
    conn.execute(
        delete(quality_issue).where(
            quality_issue.c.district_code == district_code, quality_issue.c.detail_en.startswith(mark, autoescape=True)
        )
    )
    for row in findings.kinds().itertuples():
        if row.severity != "note":
            conn.execute(
                insert(quality_issue).values(
                    district_code=district_code,
                    kind=row.kind,
                    detail_en=f"{mark}{row.count} rows {row.severity}, first row {row.first_row}: {row.example}",
                    detail_zh=f"{source}：{row.count} 行{_SEVERITY_ZH[str(row.severity)]}，首见第 {row.first_row} 行",
                )
            )
