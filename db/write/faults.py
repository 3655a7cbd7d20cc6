"""Faults of topology of the areas in force: found, weighed, and written where the data-quality page reads them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Connection, delete

from db.tables import quality_issue
from db.write.bulk import copy_frame
from gis.codes import Level
from gis.topology import check_coverage

SERIOUS_SHARE = 0.01
"""An overlap, or a part outside the parent, of more than this share of an area is refused at import."""

_KIND_ZH = {
    "invalid": "几何无效",
    "duplicate_code": "编码重复",
    "overlap": "重叠",
    "gap": "空隙",
    "sliver": "细碎面",
    "outside_parent": "超出上级区域",
}


def level_faults(
    areas: gpd.GeoDataFrame, level: Level, metric_srid: int, *, against_parents: bool = True
) -> gpd.GeoDataFrame:
    """Return the topology faults of one level.

    Parameters
    ----------
    areas
        Areas of all levels in EPSG:4326 with `code` and `level`.
    level
        Which to check.
    metric_srid
        Where to measure.
    against_parents
        Check containment in the level above too (and gaps against it).

    Returns
    -------
    GeoDataFrame
        As `gis.topology.check_coverage`, in EPSG:4326.
    """
    metric = areas[["code", "level", "geometry"]].to_crs(metric_srid)
    own = metric[metric["level"] == int(level)]
    parents = metric[metric["level"] == int(level.parent)] if level.parent and against_parents else None
    if parents is not None and parents.empty:
        parents = None
    faults = check_coverage(own, parents=parents)
    if parents is not None:
        # an outline drawn as the union of the areas below has their holes too, so a hole must be looked for by itself
        holes = check_coverage(own)
        holes = holes[holes["kind"].isin(["gap", "sliver"]) & holes["detail"].str.startswith("nothing covers")]
        known = shapely.union_all(faults.loc[faults["kind"].isin(["gap", "sliver"])].geometry.to_numpy())
        faults = pd.concat([faults, holes[~holes.geometry.intersects(known)]], ignore_index=True)
    return gpd.GeoDataFrame(faults, geometry="geometry", crs=metric.crs).to_crs(4326)


def serious(faults: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, metric_srid: int) -> pd.DataFrame:
    """Return the areas of which more than `SERIOUS_SHARE` overlaps or lies outside: [code, kind, size_m2, share]."""
    size = dict(zip(areas["code"], areas.to_crs(metric_srid).area, strict=True))
    kept = faults[faults["kind"].isin(["overlap", "outside_parent"])]
    summed = kept.groupby(["code", "kind"], as_index=False)["size_m2"].sum()
    summed["share"] = [row.size_m2 / size.get(row.code, float("inf")) for row in summed.itertuples()]
    return summed[summed["share"] > SERIOUS_SHARE].sort_values("share", ascending=False)


def record_faults(conn: Connection, district_code: str, level: Level, faults: gpd.GeoDataFrame) -> None:
    """Write the faults of a level, in place of those that were known of it."""
    mark = f"{level.word}: "
    conn.execute(
        delete(quality_issue).where(
            quality_issue.c.district_code == district_code,
            quality_issue.c.kind.in_([*_KIND_ZH]),
            quality_issue.c.detail_en.startswith(mark),
        )
    )
    if faults.empty:
        return
    rows = pd.DataFrame(
        {
            "district_code": district_code,
            "kind": faults["kind"].to_numpy(),
            "area_code": [code or None for code in faults["code"]],
            "detail_en": [mark + text for text in faults["detail"]],
            "detail_zh": [_in_chinese(row) for row in faults.to_dict("records")],
            "size_m2": faults["size_m2"].to_numpy(),
            "geom": shapely.force_2d(faults.geometry.to_numpy()),
        }
    )
    copy_frame(conn, "quality_issue", rows)


def _in_chinese(fault: dict[Any, Any]) -> str:
    codes = "、".join(str(fault[name]) for name in ("code", "other_code") if fault[name])
    return f"{codes}：{_KIND_ZH[str(fault['kind'])]} {fault['size_m2']:.1f} m²"
