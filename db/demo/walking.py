"""The demo's walking network and homes in the record."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, delete

from db.demo.layers import DemoLayers
from db.tables import demand, scenario, walk_edge, walk_gate, walk_network, walk_node
from db.write.bulk import copy_frame, point_texts
from db.write.walking import NetworkSource, write_network

SOURCE = "demo"


def write_walking(conn: Connection, layers: DemoLayers) -> None:
    """Write the network, and every building that people live in as a home at its inner point."""
    told = NetworkSource(source=SOURCE, is_schematic=True, attribution="示意步行网（schematic walking network）")
    write_network(conn, layers.district_code, layers.walk_nodes, layers.walk_edges, layers.walk_gates, told)
    lived = layers.buildings[layers.buildings["residents"] > 0]
    inner = shapely.get_coordinates(shapely.point_on_surface(lived.geometry.to_numpy()))
    homes = pd.DataFrame(
        {
            "district_code": layers.district_code, "external_id": [str(number) for number in lived["building_id"]],
            "kind": "building", "name_zh": lived["compound"].to_numpy(), "cell_code": lived["cell_code"].to_numpy(),
            "people": lived["residents"].to_numpy(float),
            "over60": np.minimum(lived["over60"].to_numpy(float), lived["residents"].to_numpy(float)),
            "source": SOURCE, "is_estimate": True, "geom": point_texts(inner[:, 0], inner[:, 1]).to_numpy(),
        }
    )  # fmt: skip
    copy_frame(conn, "demand", homes)


def clear_walking(conn: Connection, district_code: str) -> None:
    """Remove network, homes and scenarios of the demo."""
    for table in (scenario, demand, walk_edge, walk_node, walk_gate, walk_network):
        conn.execute(delete(table).where(table.c.district_code == district_code))
