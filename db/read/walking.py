"""What the walking engine reads: the network of a district, homes and facilities with their doors, scenarios."""

from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, func, select

from db.tables import demand, entrance, facility, walk_edge, walk_gate, walk_network, walk_node

_MOST_ROWS = 5_000_000


def network_row(conn: Connection, district_code: str) -> dict[str, Any] | None:
    """Return the network's source, date, content hash, margin and report, or None when there is none."""
    stmt = select(walk_network).where(walk_network.c.district_code == district_code).limit(1)
    row = conn.execute(stmt).mappings().first()
    return dict(row) if row is not None else None


def fingerprint(conn: Connection, district_code: str) -> str:
    """Return a short text that changes when the network, a facility, a home or a door of the district changes."""
    facilities = select(
        func.md5(
            func.string_agg(
                func.concat_ws(
                    "|", facility.c.id, facility.c.kind, facility.c.opens, facility.c.capacity,
                    func.ST_X(facility.c.geom), func.ST_Y(facility.c.geom),
                ),
                ",",
            )
        )
    ).where(facility.c.district_code == district_code)  # fmt: skip
    homes = select(func.count(), func.max(demand.c.id), func.sum(demand.c.people), func.sum(demand.c.over60)).where(
        demand.c.district_code == district_code
    )
    doors = select(func.count(), func.max(entrance.c.id))
    known = select(walk_network.c.content_hash).where(walk_network.c.district_code == district_code)
    told = [conn.execute(stmt).all() for stmt in (known, facilities, homes, doors)]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def network_frames(conn: Connection, district_code: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return nodes [node, lon, lat] and edges [edge, node_from, node_to, length_m, kind, forward, ... gate]."""
    point = walk_node.c.geom
    nodes = (
        select(walk_node.c.node, func.ST_X(point).label("lon"), func.ST_Y(point).label("lat"))
        .where(walk_node.c.district_code == district_code)
        .order_by(walk_node.c.node)
        .limit(_MOST_ROWS)
    )
    columns = [column for column in walk_edge.c if column.name != "district_code"]
    edges = (
        select(*columns).where(walk_edge.c.district_code == district_code).order_by(walk_edge.c.edge).limit(_MOST_ROWS)
    )
    return _frame(conn, nodes), _frame(conn, edges)


def gates(conn: Connection, district_code: str) -> pd.DataFrame:
    """Return [gate, name_zh, class, is_open, night, lon, lat]."""
    point = walk_gate.c.geom
    stmt = (
        select(
            walk_gate.c.gate, walk_gate.c.name_zh, walk_gate.c["class"], walk_gate.c.is_open, walk_gate.c.night,
            func.ST_X(point).label("lon"), func.ST_Y(point).label("lat"),
        )
        .where(walk_gate.c.district_code == district_code)
        .order_by(walk_gate.c.gate)
        .limit(_MOST_ROWS)
    )  # fmt: skip
    return _frame(conn, stmt)


def homes(conn: Connection, district_code: str) -> pd.DataFrame:
    """Return [id, kind, name_zh, cell_code, people, over60, lon, lat], one row per home, in order of id."""
    stmt = (
        select(
            demand.c.id, demand.c.kind, demand.c.name_zh, demand.c.cell_code, demand.c.people, demand.c.over60,
            demand.c.source, demand.c.is_estimate,
            func.ST_X(demand.c.geom).label("lon"), func.ST_Y(demand.c.geom).label("lat"),
        )
        .where(demand.c.district_code == district_code)
        .order_by(demand.c.id)
        .limit(_MOST_ROWS)
    )  # fmt: skip
    return _frame(conn, stmt)


def facilities(conn: Connection, district_code: str) -> pd.DataFrame:
    """Return [id, kind, name_zh, capacity, opens, source, cell_code, lon, lat], in order of id."""
    stmt = (
        select(
            facility.c.id, facility.c.kind, facility.c.name_zh, facility.c.capacity, facility.c.opens,
            facility.c.source, facility.c.is_schematic, facility.c.cell_code,
            func.ST_X(facility.c.geom).label("lon"), func.ST_Y(facility.c.geom).label("lat"),
        )
        .where(facility.c.district_code == district_code)
        .order_by(facility.c.id)
        .limit(_MOST_ROWS)
    )  # fmt: skip
    return _frame(conn, stmt)


def entrances(conn: Connection, district_code: str) -> pd.DataFrame:
    """Return [facility_id, demand_id, lon, lat] of doors that are told apart from the place itself."""
    point = entrance.c.geom
    stmt = (
        select(entrance.c.facility_id, entrance.c.demand_id, func.ST_X(point).label("lon"),
               func.ST_Y(point).label("lat"))
        .outerjoin(facility, facility.c.id == entrance.c.facility_id)
        .outerjoin(demand, demand.c.id == entrance.c.demand_id)
        .where(func.coalesce(facility.c.district_code, demand.c.district_code) == district_code)
        .order_by(entrance.c.id)
        .limit(_MOST_ROWS)
    )  # fmt: skip
    return _frame(conn, stmt)


def _frame(conn: Connection, stmt: Select[Any]) -> pd.DataFrame:
    return pd.DataFrame(conn.execute(stmt).all(), columns=[column.name for column in stmt.selected_columns])
