"""Loading the demo district: geography, feeds, and a history of cases up to a given moment, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, delete, func, insert, select, update

from db.demo import community
from db.demo.chains import clear_chains, write_chains
from db.demo.history import write_history
from db.demo.layers import DemoLayers, Progress, build_layers, is_built, read_layers, write_layers
from db.demo.story import Story
from db.demo.walking import clear_walking, write_walking
from db.engine import Database
from db.tables import (
    area,
    base_feature,
    building,
    case_event,
    cases,
    demand,
    district,
    element,
    facility,
    feed,
    lineage,
    outbox,
    quality_issue,
    source_cell,
    walk_edge,
    walk_node,
)
from db.write.bulk import copy_frame, take_ids
from db.write.categories import ensure_categories
from db.write.faults import level_faults, record_faults
from gis.city.cases_words import FEEDS
from gis.codes import Level
from gis.errors import InputFault

DEFAULT_DAYS = 90
DEFAULT_SEED = 1

_AREA_COLUMNS = (
    "code", "level", "parent_code", "district_code", "name_zh", "name_en", "short_zh", "pinyin", "initials", "aliases",
    "official_order", "geom", "label_point", "area_m2", "population", "over60", "households", "population_source",
    "population_vintage", "population_is_estimate", "land_use", "is_schematic", "valid_from",
)  # fmt: skip


@dataclass(frozen=True)
class DemoLoad:
    """What a load wrote."""

    district_code: str
    areas: int
    cases: int
    events: int
    open_cases: int
    faults: int
    clusters: int


def build_demo(
    out_dir: Path,
    *,
    seed: int = DEFAULT_SEED,
    streets_file: Path | None = None,
    credit: str = "",
    progress: Progress | None = None,
) -> DemoLayers:
    """Build the demo district and keep it as files in `out_dir`; see `build_layers`."""
    layers = build_layers(seed=seed, streets_file=streets_file, credit=credit, progress=progress)
    write_layers(layers, out_dir)
    return layers


def load_demo(
    database: Database,
    source_dir: Path | None,
    *,
    until: datetime,
    days: int = DEFAULT_DAYS,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
    layers: DemoLayers | None = None,
) -> DemoLoad:
    """Load the demo in one transaction, in place of a demo that was there.

    Parameters
    ----------
    database
        Migrated, without own data.
    source_dir
        A folder that `build_demo` wrote; it is built now when it holds none. None builds in memory.
    until
        Aware moment up to which the story is told.
    days
        Days of history before it.
    seed
        For a build that has to be made now; a build that is there keeps its own.
    progress
        Called with the name of a step and the share done (0 to 1).
    layers
        A build in memory, instead of `source_dir`.

    Raises
    ------
    InputFault
        When the database holds own data, or `until` has no time zone.
    """
    tell = progress or (lambda step, share: None)
    if until.tzinfo is None:
        raise InputFault("until needs a time zone")
    with database.owner() as conn:
        _refuse_own_data(conn)
    layers = layers or _layers(source_dir, seed, lambda step, share: tell(step, share * 0.3))
    story = Story.of(layers)
    end = pd.Timestamp(until).tz_convert("UTC").floor("s")
    tell("cases", 0.30)
    batch = story.cases(end - pd.Timedelta(days=days), end)
    with database.owner() as conn:
        _refuse_own_data(conn)
        tell("clear", 0.42)
        clear_demo(conn)
        tell("geography", 0.45)
        _write_district(conn, layers, batch.truth)
        faults = _write_geography(conn, layers)
        ensure_categories(conn)
        _write_feeds(conn, until)
        tell("walking", 0.53)
        write_walking(conn, layers)
        tell("history", 0.55)
        written, steps = write_history(conn, batch, story.timezone, lambda share: tell("history", 0.55 + 0.4 * share))
        _count_feeds(conn, batch.cases)
        write_chains(conn, layers, until, story.timezone)
        community.write_community(conn, layers.district_code, until, story.calendar(end - pd.Timedelta(days=days), end),
                                  seed)  # fmt: skip
        conn.execute(insert(outbox).values(kind="geography", area_code=layers.district_code))
        tell("analyze", 0.95)
        for table in (
            area,
            cases,
            case_event,
            building,
            element,
            facility,
            base_feature,
            lineage,
            walk_node,
            walk_edge,
            demand,
        ):
            conn.exec_driver_sql(f"ANALYZE {table.name}")
    if source_dir is not None:
        text = json.dumps(batch.truth, ensure_ascii=False, indent=1)
        (source_dir / "truth.json").write_text(text, encoding="utf-8")
    tell("done", 1.0)
    return DemoLoad(
        layers.district_code, len(layers.areas), written, steps, int(batch.cases["is_open"].sum()), faults,
        len(batch.truth),
    )  # fmt: skip


def demo_district(conn: Connection) -> dict[str, Any] | None:
    """Return code, facts and loading time of the demo district, or None when there is none."""
    stmt = select(district.c.code, district.c.facts, district.c.loaded_at, district.c.timezone).where(
        district.c.is_demo
    )
    found = conn.execute(stmt.limit(1)).mappings().first()
    return dict(found) if found is not None else None


def demo_counts(conn: Connection) -> dict[str, Any] | None:
    """Return code, seed, numbers of cases and of open ones, and the newest report of the demo, or None."""
    found = demo_district(conn)
    if found is None:
        return None
    count, newest = conn.execute(select(func.count(), func.max(cases.c.reported_at))).one()
    still = conn.execute(select(func.count()).where(cases.c.is_open)).scalar_one()
    return {"code": found["code"], "seed": found["facts"]["seed"], "cases": count, "open": still, "newest": newest}


def clear_demo(conn: Connection) -> None:
    """Remove the demo district and its cases; own data is not there (see `load_demo`) and nothing else is touched."""
    codes = list(conn.execute(select(district.c.code).where(district.c.is_demo)).scalars())
    if not codes:
        return
    for code in codes:
        clear_chains(conn, code)
    # case events are append-only for everybody but TRUNCATE by the owner; only demo cases can be in the record here
    record = ("hotspot_case", "hotspot_sighting", "hotspot_decision", "hotspot_alert", "hotspot", "hotspot_run",
              "case_fact", "stage_clock", "case_event", "open311_request", "case_support", *community.TABLES,
              "cases")  # fmt: skip
    conn.exec_driver_sql(f"TRUNCATE {', '.join(record)} RESTART IDENTITY")
    conn.exec_driver_sql("TRUNCATE outbox CONTINUE IDENTITY")  # live screens follow its ids upwards
    for code in codes:
        clear_walking(conn, code)
        conn.execute(delete(lineage).where(lineage.c.cell_code.startswith(code)))
        for table in (source_cell, facility, base_feature, quality_issue, area):
            conn.execute(delete(table).where(table.c.district_code == code))
        for table in (building, element):
            conn.execute(delete(table).where(table.c.cell_code.startswith(code)))
        conn.execute(delete(district).where(district.c.code == code))
    conn.execute(delete(feed).where(feed.c.name.in_([name for name, *_ in FEEDS])))


def _refuse_own_data(conn: Connection) -> None:
    own = conn.execute(select(district.c.code).where(district.c.is_demo.is_(False)).limit(1)).scalar()
    if own is not None:
        raise InputFault(f"the database holds own data (district {own}): the demo goes only into a database without")
    demo = conn.execute(select(district.c.code).limit(1)).scalar()
    if demo is None and conn.execute(select(cases.c.id).limit(1)).scalar() is not None:
        raise InputFault("the database holds cases of no district: the demo goes only into an empty database")


def _layers(source_dir: Path | None, seed: int, tell: Callable[[str, float], None]) -> DemoLayers:
    if source_dir is None:
        return build_layers(seed=seed, progress=tell)
    if not is_built(source_dir):
        return build_demo(source_dir, seed=seed, progress=tell)
    return read_layers(source_dir)


def _write_district(conn: Connection, layers: DemoLayers, truth: list[dict[str, object]]) -> None:
    told = {name: layers.facts[name] for name in ("metric_srid", "timezone", "geometry_version", "attribution")}
    facts = {**layers.facts, "truth": truth}
    conn.execute(insert(district).values(code=layers.district_code, is_demo=True, facts=facts, **told))


def _write_geography(conn: Connection, layers: DemoLayers) -> int:
    areas = layers.areas.assign(geom=_multi(layers.areas), label_point=layers.areas["label_point"].to_numpy())
    copy_frame(conn, "area", pd.DataFrame(areas), _AREA_COLUMNS)
    ids = take_ids(conn, "source_cell", len(layers.source_cells))
    sources = layers.source_cells.assign(geom=_multi(layers.source_cells), id=ids)
    columns = ["id", "district_code", "grid", "code", "geom", "area_m2", "population"]
    copy_frame(conn, "source_cell", pd.DataFrame(sources), columns)
    keyed = layers.lineage[layers.lineage["source_code"] != ""].merge(
        sources[["id", "grid", "code"]].rename(columns={"id": "source_cell_id", "code": "source_code"}),
        on=["grid", "source_code"], validate="m:1",
    )  # fmt: skip
    columns = ["cell_code", "source_cell_id", "area_m2", "population", "area_share", "population_share"]
    copy_frame(conn, "lineage", keyed, columns)
    served = ["district_code", "external_id", "kind", "name_zh", "cell_code", "capacity", "opens"]
    served += ["source", "is_schematic"]
    plain = {
        "building": (layers.buildings, ["cell_code", "kind", "compound", "residents", "over60", "households"]),
        "facility": (layers.facilities, served),
        "element": (layers.elements, ["kind", "subtype", "name_zh", "cell_code", "amount"]),
        "base_feature": (layers.base, ["district_code", "layer", "class", "name_zh"]),
    }  # fmt: skip
    for table, (frame, names) in plain.items():
        copy_frame(conn, table, pd.DataFrame(frame[names]).assign(geom=frame.geometry.to_numpy()), [*names, "geom"])
    found = 0
    for level in Level:
        faults = level_faults(layers.areas[["code", "level", "geometry"]], level, int(layers.facts["metric_srid"]))
        record_faults(conn, layers.district_code, level, faults)
        found += len(faults)
    return found


def _multi(frame: gpd.GeoDataFrame) -> np.ndarray:
    parts, row = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=row), dtype=object)


def _write_feeds(conn: Connection, now: datetime) -> None:
    rows = [{"name": n, "title_zh": zh, "title_en": en, "period_s": s, "beat_at": now} for n, zh, en, s in FEEDS]
    conn.execute(delete(feed).where(feed.c.name.in_([row["name"] for row in rows])))
    conn.execute(insert(feed), rows)


def _count_feeds(conn: Connection, frame: pd.DataFrame) -> None:
    for name, own in frame.groupby("source"):
        latest = own["reported_at"].max().to_pydatetime()
        conn.execute(update(feed).where(feed.c.name == name).values(received=len(own), record_at=latest))
