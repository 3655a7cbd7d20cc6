"""The demo's walking network and homes in the record."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, delete, select

from db.demo.layers import DemoLayers
from db.tables import demand, facility, scenario, walk_edge, walk_gate, walk_network, walk_node
from db.write.bulk import copy_frame, point_texts
from db.write.walking import NetworkSource, write_network
from gis.city.model import METRIC_SRID

SOURCE = "demo"
DOOR_M = 8.0
"""A park is entered where a way comes this near to its outline."""


def write_walking(conn: Connection, layers: DemoLayers) -> None:
    """Write the network, every building that people live in as a home at its inner point, and the doors of parks."""
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
    write_park_doors(conn, layers)


def write_park_doors(conn: Connection, layers: DemoLayers) -> int:
    """Write where a way meets the outline of each park: nobody walks to its middle. Returns how many."""
    parks = layers.base[(layers.base["layer"] == "green") & (layers.base["class"] == "park")].to_crs(METRIC_SRID)
    points = gpd.GeoSeries(gpd.points_from_xy(layers.walk_nodes["lon"], layers.walk_nodes["lat"]), crs=4326)
    at, node = shapely.STRtree(points.to_crs(METRIC_SRID).to_numpy()).query(
        parks.boundary.to_numpy(), predicate="dwithin", distance=DOOR_M
    )
    known = select(facility.c.id, facility.c.name_zh).where(
        facility.c.district_code == layers.district_code, facility.c.kind == "park"
    )
    number = {row.name_zh: row.id for row in conn.execute(known)}
    owner = parks["name_zh"].map(number).to_numpy()[at]
    found = pd.DataFrame({"facility_id": owner, "node": node}).dropna().astype("int64")
    lon, lat = (layers.walk_nodes[name].to_numpy()[found["node"]] for name in ("lon", "lat"))
    doors = pd.DataFrame({"facility_id": found["facility_id"], "geom": point_texts(lon, lat).to_numpy()})
    return copy_frame(conn, "entrance", doors)


def clear_walking(conn: Connection, district_code: str) -> None:
    """Remove network, homes and scenarios of the demo."""
    for table in (scenario, demand, walk_edge, walk_node, walk_gate, walk_network):
        conn.execute(delete(table).where(table.c.district_code == district_code))
