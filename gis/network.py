"""Building the walking network from the two frames of its record.

The frames are `walk_nodes` (node, lon, lat) and `walk_edges` (edge, node_from, node_to, length_m, kind, forward,
backward, night, gate); what comes out is a `WalkNetwork`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from gis.crs import require_metric, utm_srid
from gis.errors import ContractFault, InputFault
from gis.hilbert import hilbert_order
from gis.walkers import EDGE_KINDS
from gis.walkgraph import BACKWARD, FORWARD, NIGHT_OPEN, Costs, WalkNetwork, costs_for, neighbours, parts, project_to

__all__ = ["EDGE_COLUMNS", "NODE_COLUMNS", "Costs", "WalkNetwork", "build_network"]

NODE_COLUMNS = ("node", "lon", "lat")
EDGE_COLUMNS = ("edge", "node_from", "node_to", "length_m", "kind", "forward", "backward", "night", "gate")


def build_network(
    walk_nodes: pd.DataFrame,
    walk_edges: pd.DataFrame,
    *,
    srid: int | None = None,
    profiles: Collection[str] = ("adult", "over60", "frail"),
    closed_gates: Collection[str] = (),
) -> WalkNetwork:
    """Build the network from the two frames of the record.

    Parameters
    ----------
    walk_nodes : DataFrame
        node (int, unique), lon, lat (EPSG:4326).
    walk_edges : DataFrame
        edge (int, unique), node_from, node_to, length_m (metres on the ground), kind (one of `EDGE_KINDS`), forward,
        backward, night (open at night), gate ('' or the id of the gate that must be open).
    srid : int, optional
        EPSG number of the metric system to snap and draw in; by default the UTM zone of the middle.
    profiles : collection of str
        Names of `WALKERS` to keep costs for.
    closed_gates : collection of str
        Gates that are closed at first.

    Raises
    ------
    ContractFault
        When a column is missing, a number is repeated, an edge names an unknown node, or a length is not positive; all
        faults at once.
    InputFault
        When nothing can be walked.
    """
    _require(walk_nodes, walk_edges)
    lon, lat = walk_nodes["lon"].to_numpy(float), walk_nodes["lat"].to_numpy(float)
    srid = srid or utm_srid(float(lon.mean()), float(lat.mean()))
    require_metric(srid)
    x, y = project_to(lon, lat, srid)
    order = hilbert_order(x, y)
    node_id = walk_nodes["node"].to_numpy(np.int64)[order]
    place = pd.Index(node_id)
    u = place.get_indexer(walk_edges["node_from"]).astype(np.int32)
    v = place.get_indexer(walk_edges["node_to"]).astype(np.int32)
    # Edges in the order of their nodes keep neighbours near in memory.
    sorted_edges = np.lexsort((np.maximum(u, v), np.minimum(u, v)))
    edges, u, v = walk_edges.iloc[sorted_edges], u[sorted_edges], v[sorted_edges]
    flags = (
        FORWARD * edges["forward"].to_numpy(bool)
        + BACKWARD * edges["backward"].to_numpy(bool)
        + NIGHT_OPEN * edges["night"].to_numpy(bool)
    ).astype(np.uint8)
    gate_names = edges["gate"].fillna("").astype(str).to_numpy(dtype=str)
    gates = np.unique(gate_names[gate_names != ""])
    gate = np.where(gate_names == "", -1, np.searchsorted(gates, gate_names)).astype(np.int32)
    first, neighbour, arc = neighbours(len(node_id), u, v)
    bare = WalkNetwork(
        node_id=node_id,
        lon=lon[order],
        lat=lat[order],
        x=x[order],
        y=y[order],
        edge_id=edges["edge"].to_numpy(np.int64),
        edge_u=u,
        edge_v=v,
        length_m=edges["length_m"].to_numpy(float),
        kind=pd.Categorical(edges["kind"], EDGE_KINDS).codes.astype(np.uint8),
        flags=flags,
        gate=gate,
        gates=tuple(gates.tolist()),
        closed_gates=(),
        first=first,
        neighbour=neighbour,
        arc=arc,
        component=parts(len(node_id), u, v),
        srid=srid,
        costs={},
    )
    bare = bare.with_gates(closed=closed_gates)
    return replace(bare, costs={name: costs_for(bare, name) for name in profiles})


def _require(walk_nodes: pd.DataFrame, walk_edges: pd.DataFrame) -> None:
    """Tell all faults of the two frames in one line."""
    missing = [name for name in NODE_COLUMNS if name not in walk_nodes.columns]
    missing += [name for name in EDGE_COLUMNS if name not in walk_edges.columns]
    if missing:
        raise ContractFault(f"the walking network lacks the columns {', '.join(missing)}")
    if walk_edges.empty or not (walk_edges["forward"] | walk_edges["backward"]).any():
        raise InputFault("the walking network has no edge that can be walked")
    faults = []
    if walk_nodes["node"].duplicated().any():
        faults.append(f"{walk_nodes['node'].duplicated().sum()} node numbers are repeated")
    if walk_edges["edge"].duplicated().any():
        faults.append(f"{walk_edges['edge'].duplicated().sum()} edge numbers are repeated")
    unknown = ~walk_edges["node_from"].isin(walk_nodes["node"]) | ~walk_edges["node_to"].isin(walk_nodes["node"])
    if unknown.any():
        faults.append(f"{unknown.sum()} edges end at a node that is not there")
    wrong = ~(walk_edges["length_m"].to_numpy(float) >= 0) | np.isinf(walk_edges["length_m"].to_numpy(float))
    if wrong.any():
        faults.append(f"{wrong.sum()} edges have no length")
    strange = sorted(set(walk_edges["kind"]) - set(EDGE_KINDS))
    if strange:
        faults.append(f"edge kinds {', '.join(map(str, strange))} are unknown")
    if not np.isfinite(walk_nodes[["lon", "lat"]].to_numpy(float)).all():
        faults.append("some nodes have no position")
    if faults:
        raise ContractFault("the walking network is not whole: " + "; ".join(faults))
