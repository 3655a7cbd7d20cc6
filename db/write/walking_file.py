"""A walking network out of a file: OpenStreetMap extracts or lines, cut to the district and a margin round it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from db.intake.features import is_feature_file
from db.intake.line_network import districts_part, read_line_network
from db.intake.profile import Profile
from db.write.territory import district_row, in_force
from db.write.walking import NetworkSource, write_network
from gis.codes import Level
from gis.network import build_network

MARGIN_M = 1_500.0


@dataclass(frozen=True)
class NetworkImport:
    """What an import of a network did."""

    district_code: str
    source: str
    source_date: date | None
    content_hash: str
    margin_m: float
    report: dict[str, Any]


def import_network(
    conn: Connection, path: Path, profile: Profile, *, source: str = "", source_date: date | None = None,
    district_code: str = "", crs: str = "", layer: str = "", cut: bool = False, margin_m: float = MARGIN_M,
) -> NetworkImport:  # fmt: skip
    """Replace the walking network of a district by that of a file.

    Raises
    ------
    InputFault
        When the file is broken, or holds no way that can be walked in the district.
    """
    place = district_row(conn, district_code)
    if is_feature_file(path):
        nodes, edges, report = read_line_network(path, profile, crs=crs, layer=layer, cut=cut)
        shut: tuple[str, ...] = ()
        credit = source or path.name
    else:
        from db.intake.osm_network import read_osm_network

        read = read_osm_network(path)
        nodes, edges, shut = read.nodes, read.edges, read.closed_gates
        report = {name: round(float(value), 3) for name, value in read.report.items()} | {"sha256": read.sha256}
        source_date = source_date or (read.taken_at.date() if read.taken_at else None)
        credit = "© OpenStreetMap contributors, ODbL"
    outline = in_force(conn, place.code, Level.DISTRICT).geometry
    before = len(edges)
    nodes, edges, beyond = districts_part(nodes, edges, outline, place.metric_srid, margin_m)
    network = build_network(nodes, edges, srid=place.metric_srid, profiles=("adult",))
    parts = network.component_nodes
    report |= {
        "edges_in_file": before, "components": len(parts), "island_nodes": int(parts[1:].sum()),
        "edge_km": round(float(edges["length_m"].sum()) / 1000, 1),
    }  # fmt: skip
    told = NetworkSource(source or path.name, source_date, beyond, False, credit, report)
    digest = write_network(conn, place.code, nodes, edges, gates_of(nodes, edges, shut), told)
    return NetworkImport(
        place.code, told.source, source_date, digest, beyond, report | {"nodes": len(nodes), "edges": len(edges)}
    )


def gates_of(nodes: pd.DataFrame, edges: pd.DataFrame, shut: tuple[str, ...]) -> pd.DataFrame:
    """Return one row per gate that edges name: where it is, whether it is open by day and at night."""
    gated = edges[edges["gate"] != ""].drop_duplicates("gate")
    at = nodes.set_index("node").loc[gated["node_from"]]
    is_open = ~gated["gate"].isin(shut).to_numpy()
    return pd.DataFrame(
        {
            "gate": gated["gate"].to_numpy(), "name_zh": "", "class": "", "is_open": is_open,
            "night": gated["night"].to_numpy(bool) & is_open, "lon": at["lon"].to_numpy(), "lat": at["lat"].to_numpy(),
        }
    )  # fmt: skip
