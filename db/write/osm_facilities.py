"""Facilities of an OpenStreetMap extract go into the record, with the places where one gets in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import Connection, delete, insert, select

from db.intake.findings import Findings
from db.tables import entrance, facility, outbox
from db.write.bulk import copy_frame, point_texts
from db.write.facilities import FacilityImport, store_facilities
from db.write.territory import deepest_codes, district_row, in_force
from gis.codes import Level
from gis.errors import InputFault

MARGIN_DEG = 0.02


def import_osm_facilities(conn: Connection, path: Path, *, source: str = "", district_code: str = "") -> FacilityImport:
    """Import every facility of the product's kinds that lies in a district or within about 2 km of it.

    Facilities of the same source that the extract no longer holds are removed.

    Raises
    ------
    InputFault
        When the file is broken, or no facility of any kind lies there.
    """
    from db.intake.osm_places import read_osm_places

    place = district_row(conn, district_code)
    read = read_osm_places(path)
    found, doors = read.facilities, read.entrances
    areas = in_force(conn, place.code)
    west, south, east, north = areas.total_bounds
    lon, lat = found["lon"].to_numpy(float), found["lat"].to_numpy(float)
    near = (
        (lon > west - MARGIN_DEG) & (lon < east + MARGIN_DEG) & (lat > south - MARGIN_DEG) & (lat < north + MARGIN_DEG)
    )
    if not near.any():
        raise InputFault(f"{path.name} has no facility of the product's kinds in district {place.code}")
    notes = Findings()
    notes.add("note", "far", "facility {} lies far from the district and is left out", np.flatnonzero(~near) + 1,
              found["osm"].to_numpy()[~near])  # fmt: skip
    kept = found[near].reset_index(drop=True)
    codes = deepest_codes(areas, kept["lon"].to_numpy(), kept["lat"].to_numpy())
    twice = kept["osm"].duplicated()
    rows = pd.DataFrame(
        {
            "district_code": place.code, "external_id": kept["osm"].where(~twice, kept["osm"] + "#" + kept["kind"]),
            "kind": kept["kind"], "source": source or "osm", "name_zh": kept["name"], "opens": kept["opening_hours"],
            "capacity": kept["capacity"], "cell_code": [code if len(code) == Level.CELL else None for code in codes],
            "geom": point_texts(kept["lon"].to_numpy(), kept["lat"].to_numpy()).to_numpy(),
        }
    )  # fmt: skip
    ours = (facility.c.district_code == place.code, facility.c.source == (source or "osm"))
    conn.execute(delete(facility).where(*ours, facility.c.external_id.not_in(rows["external_id"].tolist())))
    store_facilities(conn, rows)
    ids: dict[str, int] = dict(conn.execute(select(facility.c.external_id, facility.c.id).where(*ours)).all())
    conn.execute(delete(entrance).where(entrance.c.facility_id.in_(list(ids.values()))))
    number = pd.Series(rows["external_id"].map(ids).to_numpy(), index=kept["facility"])
    own = doors[doors["facility"].isin(number.index) & (doors["how"] != "point")]
    if len(own):
        spots = point_texts(own["lon"].to_numpy(float), own["lat"].to_numpy(float)).to_numpy()
        placed = pd.DataFrame({"facility_id": number.loc[own["facility"]].to_numpy(), "geom": spots})
        copy_frame(conn, "entrance", placed)
    conn.execute(insert(outbox).values(kind="geography", area_code=place.code))
    return FacilityImport(len(found), len(rows), int((codes == "").sum()), 0, notes)
