"""Checks of a district's record: topology, orphans, totals, steps, lineage, populations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, and_, exists, func, or_, select

from db.audit.findings import Finding, examples_of, faults_of
from db.audit.rows import row_faults
from db.audit.tallies import tally_faults
from db.tables import area, building, case_event, cases, district, element, facility, lineage, source_cell
from db.write.faults import level_faults
from db.write.territory import in_force
from gis.codes import Level

SHARE_TOLERANCE = 1e-6
"""Shares of a cell must sum to 1 within this."""

UNCOVERED_SHARE = 1e-3
"""A cell of which a source grid leaves more than this uncovered is worth a word; less is the drawing of two borders."""

AREA_TOLERANCE_SHARE = 1e-4
"""A stored area may differ from the outline's by this share."""


def check_district(conn: Connection, code: str) -> list[Finding]:
    """Run every check of a district and return what they found, faults first.

    Parameters
    ----------
    conn
        A connection that may read everything.
    code
        Six digits; the district must be loaded.
    """
    facts = conn.execute(select(district).where(district.c.code == code)).one()
    areas = in_force(conn, code)
    steps: list[Callable[[], Iterator[Finding]]] = [
        lambda: _topology(areas, facts.metric_srid),
        lambda: _hierarchy(areas),
        lambda: _measures(areas, facts.metric_srid),
        lambda: _orphans(conn, code),
        lambda: _totals(conn, code, areas),
        lambda: row_faults(conn, code),
        lambda: tally_faults(conn, code),
        lambda: _lineage(conn, code),
        lambda: _populations(areas),
    ]
    found = [finding for step in steps for finding in step()]
    return sorted(found, key=lambda finding: finding.weight != "fault")


def _topology(areas: gpd.GeoDataFrame, metric_srid: int) -> Iterator[Finding]:
    for level in Level:
        if level is Level.DISTRICT or not (areas["level"] == int(level)).any():
            continue
        faults = level_faults(areas, level, metric_srid)
        for kind, part in faults.groupby("kind"):
            size = part["size_m2"].sum()
            # a sliver is a nuisance of drawing, not a mistake about who is responsible
            weight: Literal["fault", "notice"] = "notice" if kind == "sliver" else "fault"
            yield Finding(
                weight,
                f"topology {level.word}",
                len(part),
                f"{kind}, {size:,.0f} m2 together",
                examples_of(part["code"]),
            )


def _hierarchy(areas: gpd.GeoDataFrame) -> Iterator[Finding]:
    known = set(areas["code"])
    lost = areas[areas["parent_code"].notna() & ~areas["parent_code"].isin(known)]
    yield from faults_of("orphans", lost["code"], "areas whose parent is not in force")


def _measures(areas: gpd.GeoDataFrame, metric_srid: int) -> Iterator[Finding]:
    real = areas.to_crs(metric_srid).area
    off = areas[((areas["area_m2"] - real).abs() > AREA_TOLERANCE_SHARE * real).to_numpy()]
    yield from faults_of("measures", off["code"], "areas whose stored m2 is not that of their outline")


def _orphans(conn: Connection, code: str) -> Iterator[Finding]:
    mine = f"{code}%"
    for what, table, column in (("buildings", building, "cell_code"), ("elements", element, "cell_code")):
        held = table.c[column]
        known = exists().where(area.c.code == held, area.c.valid_to.is_(None))
        stmt = select(held).where(held.like(mine), ~known).distinct()
        yield from faults_of("orphans", _first(conn, stmt), f"cells named by {what} that are not in force")
    known = exists().where(area.c.code == facility.c.cell_code, area.c.valid_to.is_(None))
    stmt = select(facility.c.external_id).where(
        facility.c.district_code == code, facility.c.cell_code.is_not(None), ~known
    )
    yield from faults_of("orphans", _first(conn, stmt), "facilities in a cell that is not in force")
    # a case keeps the area of its report time, so any version of the area will do
    ever = exists().where(area.c.code == cases.c.area_code)
    stmt = select(cases.c.area_code).where(cases.c.area_code.like(mine), ~ever).distinct()
    yield from faults_of("orphans", _first(conn, stmt), "areas named by cases that never existed")
    eventless = ~exists().where(case_event.c.case_id == cases.c.id)
    stmt = select(cases.c.number).where(cases.c.area_code.like(mine), eventless)
    yield from faults_of("orphans", _first(conn, stmt), "cases without any event")


def _totals(conn: Connection, code: str, areas: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Children and buckets must add up to the parent: a case between two levels of areas in force would break that."""
    stmt = select(cases.c.area_code, func.count()).where(cases.c.area_code.like(f"{code}%")).group_by(cases.c.area_code)
    counts = pd.DataFrame(conn.execute(stmt).all(), columns=["area_code", "count"])
    known = set(areas["code"])
    for level in Level:
        child = level.child
        if child is None or not (areas["level"] == int(child)).any():
            continue
        short = counts["area_code"].str.len() < int(child)
        deep = counts[~short]
        lost = deep[~deep["area_code"].str[: int(child)].isin(known)]
        if len(lost):
            words = f"cases that no {child.word} in force counts, so that they are missing under their {level.word}"
            yield Finding("fault", "totals", int(lost["count"].sum()), words, examples_of(lost["area_code"]))
    wrong = and_(
        cases.c.area_code.like(f"{code}%"),
        or_(
            and_(cases.c.location_status == "located", cases.c.geom.is_(None)),
            and_(
                cases.c.location_status.in_(["outside", "cross_street", "fallback"]),
                func.length(cases.c.area_code) > int(Level.DISTRICT),
            ),
        ),
    )
    yield from faults_of(
        "totals", _first(conn, select(cases.c.number).where(wrong)), "cases whose bucket contradicts their area"
    )


def _lineage(conn: Connection, code: str) -> Iterator[Finding]:
    sums = (
        select(
            lineage.c.cell_code, source_cell.c.grid, func.sum(lineage.c.area_share).label("area"),
            func.sum(lineage.c.population_share).label("people"),
        )
        .join(source_cell, source_cell.c.id == lineage.c.source_cell_id)
        .where(lineage.c.cell_code.like(f"{code}%"))
        .group_by(lineage.c.cell_code, source_cell.c.grid)
    )  # fmt: skip
    table = pd.DataFrame(conn.execute(sums).all(), columns=["cell_code", "grid", "area", "people"])
    over = table[(table["area"] > 1 + SHARE_TOLERANCE) | (table["people"] > 1 + SHARE_TOLERANCE)]
    under = table[(table["area"] < 1 - UNCOVERED_SHARE) | (table["people"] < 1 - UNCOVERED_SHARE)]
    yield from faults_of("lineage", over["cell_code"], "cells whose shares in a source grid sum to more than 1")
    if len(under):
        yield Finding(
            "notice",
            "lineage",
            len(under),
            "cells that a source grid does not wholly cover",
            examples_of(under["cell_code"]),
        )
    known = exists().where(area.c.code == lineage.c.cell_code, area.c.valid_to.is_(None))
    stmt = select(lineage.c.cell_code).where(lineage.c.cell_code.like(f"{code}%"), ~known).distinct()
    yield from faults_of("lineage", _first(conn, stmt), "cells with lineage that are not in force")


def _populations(areas: gpd.GeoDataFrame) -> Iterator[Finding]:
    for level in Level:
        rows = areas[areas["level"] == int(level)]
        unknown = rows[rows["population"].isna()]
        if len(unknown):
            yield Finding(
                "notice",
                "population",
                len(unknown),
                f"areas of level {level.word} without population",
                examples_of(unknown["code"]),
            )
        child = level.child
        below = areas[areas["level"] == int(child)] if child else rows.iloc[:0]
        if below.empty or below["population"].isna().any() or rows["population"].isna().any():
            continue
        sums = below.groupby(below["code"].str[: int(level)])["population"].sum()
        stated = rows.set_index("code")["population"]
        off = stated.index[(sums.reindex(stated.index) != stated).to_numpy()]
        yield from faults_of(
            "population", pd.Series(off), f"areas of level {level.word} whose population is not the sum below"
        )


def _first(conn: Connection, stmt: Any, limit: int = 1_000) -> list[str]:
    return [str(item) for item in conn.execute(stmt.limit(limit)).scalars()]
