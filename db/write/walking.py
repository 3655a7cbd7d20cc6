"""Walking networks and homes go into the record, whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, delete, insert

from db.tables import outbox, walk_edge, walk_gate, walk_network, walk_node
from db.write.bulk import copy_frame, point_texts
from gis.errors import InputFault

EDGE_COLUMNS = ("edge", "node_from", "node_to", "length_m", "kind", "forward", "backward", "night", "gate")


@dataclass(frozen=True)
class NetworkSource:
    """Whose ways they are: source, the day they were true, how far they go on outside the district, who is credited."""

    source: str
    source_date: date | None = None
    margin_m: float = 0.0
    is_schematic: bool = False
    attribution: str = ""
    report: dict[str, Any] = field(default_factory=dict)


def write_network(
    conn: Connection, district_code: str, nodes: pd.DataFrame, edges: pd.DataFrame, gates: pd.DataFrame,
    told: NetworkSource,
) -> str:  # fmt: skip
    """Replace the walking network of a district and return its content hash.

    Parameters
    ----------
    nodes : node, lon, lat (EPSG:4326). edges : `EDGE_COLUMNS`, length_m geodesic.
    gates : gate, name_zh, class, is_open, night, lon, lat; may be empty.

    Raises
    ------
    InputFault
        When there is no way to walk, or an edge ends at a node that is not there.
    """
    if edges.empty or nodes.empty:
        raise InputFault("the network has no way that can be walked")
    known = nodes["node"].to_numpy()
    if not (edges["node_from"].isin(known) & edges["node_to"].isin(known)).all():
        raise InputFault("an edge of the network ends at a node that is not in it")
    digest = content_hash(nodes, edges, gates)
    for table in (walk_edge, walk_node, walk_gate, walk_network):
        conn.execute(delete(table).where(table.c.district_code == district_code))
    placed = nodes.assign(
        district_code=district_code, geom=point_texts(nodes["lon"].to_numpy(), nodes["lat"].to_numpy()).to_numpy()
    )
    copy_frame(conn, "walk_node", placed, ["district_code", "node", "geom"])
    copy_frame(conn, "walk_edge", edges.assign(district_code=district_code), ["district_code", *EDGE_COLUMNS])
    if len(gates):
        spots = point_texts(gates["lon"].to_numpy(), gates["lat"].to_numpy()).to_numpy()
        doors = gates.assign(district_code=district_code, geom=spots)
        copy_frame(conn, "walk_gate", doors, ["district_code", "gate", "name_zh", "class", "is_open", "night", "geom"])
    conn.execute(
        insert(walk_network).values(
            district_code=district_code, source=told.source, source_date=told.source_date, content_hash=digest,
            margin_m=told.margin_m, is_schematic=told.is_schematic, attribution=told.attribution,
            report={"nodes": len(nodes), "edges": len(edges), "gates": len(gates)} | told.report,
        )
    )  # fmt: skip
    conn.execute(insert(outbox).values(kind="geography", area_code=district_code))
    return digest


def content_hash(nodes: pd.DataFrame, edges: pd.DataFrame, gates: pd.DataFrame) -> str:
    """Return 16 hexadecimal digits that change with any node, edge or gate."""
    digest = hashlib.sha256()
    for frame, names in (
        (nodes, ("node", "lon", "lat")),
        (edges, EDGE_COLUMNS),
        (gates, ("gate", "is_open", "night", "lon", "lat")),
    ):
        for name in names:
            column = frame[name]
            text = column.dtype.kind not in "iufb"
            digest.update("\n".join(column.astype(str)).encode() if text else column.to_numpy().tobytes())
    return digest.hexdigest()[:16]
