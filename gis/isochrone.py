"""Drawing what is reached: areas from the exact times on a metre grid, streets cut exactly, and the straight circle.

The areas are a drawing. Who is inside is asked at each home (`gis.reach.times_at`), never of the polygon.

References
----------
.. [1] W. E. Lorensen, H. E. Cline, Marching cubes, Computer Graphics 21 (4), 1987 (marching squares is its plane form).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from contourpy import FillType, contour_generator
from numpy.typing import NDArray

from gis.errors import InputFault
from gis.network import WalkNetwork
from gis.reach import UNREACHED, Field, limit_ds_of, nearest_times
from gis.reach_kernels import read_rows
from gis.snapping import MAX_OFFSET_M, Attachments
from gis.timegrid import time_grid
from gis.walkers import DS_PER_S, IMPASSABLE, walk_ds, walker_of

STEP_M = 12.5
_BEYOND_S = 120.0
"""Times are searched so much further than drawn, so that the line between reached and not is drawn where it runs."""


@dataclass(frozen=True)
class Reached:
    """What is reached within some minutes.

    Attributes
    ----------
    minutes : float
        Limit.
    area : shapely MultiPolygon
        In degrees, EPSG:4326; empty when nothing is reached.
    streets : shapely MultiLineString
        Parts of edges from which the walk is not longer, in degrees.
    area_m2, circle_m2 : float
        Of the area, and of the circle that somebody would reach who walks as the crow flies.
    circle : shapely Polygon
        That circle around the facility's first entrance, in degrees.
    """

    minutes: float
    area: Any
    streets: Any
    area_m2: float
    circle_m2: float
    circle: Any

    @property
    def circle_ratio(self) -> float:
        """Share of the circle that is really reached."""
        return self.area_m2 / self.circle_m2


def reached_areas(
    network: WalkNetwork,
    facility: Attachments,
    *,
    minutes: Sequence[float] = (5.0, 10.0, 15.0),
    profile: str = "adult",
    inward: bool = True,
    step_m: float = STEP_M,
) -> list[Reached]:
    """Return what reaches a facility (or several, together) within each number of minutes.

    Parameters
    ----------
    network : WalkNetwork
        Built with the profile.
    facility : Attachments
        Entrances.
    minutes : sequence of float
        Limits, all above 0 and below 100.
    profile : str
        Name of one of `WALKERS`.
    inward : bool
        True: from where people reach the facility; False: what is reached from it.
    step_m : float
        Width of the grid's meshes in metres.

    Raises
    ------
    InputFault
        When a limit is not between 0 and 100 minutes, no entrance is connected, or the grid would be too fine.
    """
    if not minutes or min(minutes) <= 0 or max(minutes) >= 100:
        raise InputFault("the minutes of an isochrone are between 0 and 100")
    on = facility.take(facility.connected)
    if len(on) == 0:
        raise InputFault("the facility is not connected to the walking network")
    limit_s = max(minutes) * 60
    field = nearest_times(network, on, profile=profile, limit_s=limit_s + _BEYOND_S, inward=inward)
    x, y, seconds = _seconds_on_grid(network, field, step_m)
    centre = network.edge_u[on.edge[0]], network.edge_v[on.edge[0]], on.fraction[0]
    middle = [(1 - centre[2]) * axis[centre[0]] + centre[2] * axis[centre[1]] for axis in (network.x, network.y)]
    found = []
    for limit in minutes:
        shape = _contour(x, y, seconds, limit * 60)
        circle = shapely.Point(*middle).buffer(limit * 60 * walker_of(profile).speed_m_s, quad_segs=24)
        streets = streets_within(network, field, limit * 60)
        parts = [_degrees(network, part) for part in (shape, streets, circle)]
        found.append(Reached(limit, parts[0], parts[1], shape.area, circle.area, parts[2]))
    return found


def streets_within(network: WalkNetwork, field: Field, limit_s: float) -> Any:
    """Return the parts of edges from which the walk is at most so long, as a MultiLineString in metres."""
    limit, arc = float(limit_ds_of(limit_s)), network.cost_of(field.profile).arc
    along, against = arc[0::2].astype(float), arc[1::2].astype(float)
    # Walking in, the first end is reached against the edge's direction; walking out, along it.
    to_first, to_second = (against, along) if field.inward else (along, against)
    upto = _share(limit - _far(field.dist_ds[network.edge_u]), to_first)
    since = 1.0 - _share(limit - _far(field.dist_ds[network.edge_v]), to_second)
    edge = np.arange(network.n_edges)
    whole = upto >= since
    pieces: list[tuple[NDArray[Any], ...]] = [(edge[whole], np.zeros(whole.sum()), np.ones(whole.sum()))]
    for begin, end in ((np.zeros_like(upto), upto), (since, np.ones_like(upto))):
        some = ~whole & (end > begin)
        pieces.append((edge[some], begin[some], end[some]))
    there = field.facilities
    rows = np.flatnonzero(there.connected)
    left = limit - there.offset_ds(walker_of(field.profile))[rows].astype(float)
    at, near = there.edge[rows], left > 0
    low = there.fraction[rows] - _share(left, to_second[at])
    high = there.fraction[rows] + _share(left, to_first[at])
    pieces.append((at[near], np.clip(low, 0, 1)[near], np.clip(high, 0, 1)[near]))
    edges, begins, ends = (np.concatenate(columns) for columns in zip(*pieces, strict=True))
    u, v = network.edge_u[edges], network.edge_v[edges]
    lines = np.empty((len(edges), 2, 2))
    for row, share in enumerate((begins, ends)):
        lines[:, row, 0] = network.x[u] + share * (network.x[v] - network.x[u])
        lines[:, row, 1] = network.y[u] + share * (network.y[v] - network.y[u])
    parts = np.asarray(shapely.linestrings(lines), dtype=object)
    # On a facility's own edge the parts overlap: they become one.
    twice = np.isin(edges, at)
    own = shapely.get_parts(shapely.union_all(parts[twice & (ends > begins)]))
    own = own[shapely.get_type_id(own) == shapely.GeometryType.LINESTRING]
    return shapely.multilinestrings(np.concatenate([parts[~twice & (ends > begins)], own]))


def _far(dist_ds: NDArray[np.uint16]) -> NDArray[np.float64]:
    return np.where(dist_ds == UNREACHED, np.inf, dist_ds.astype(float))


def _share(left: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of edges that the time left is enough for."""
    return np.where((cost == IMPASSABLE) | (left < 0), 0.0, np.clip(np.maximum(left, 0) / np.maximum(cost, 1), 0, 1))


def _seconds_on_grid(
    network: WalkNetwork, field: Field, step_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return columns, rows and seconds of a grid over all that is reached; what is not has the greatest time."""
    walker, there = walker_of(field.profile), field.facilities
    nodes = np.flatnonzero(field.dist_ds != UNREACHED)
    ends = np.concatenate([nodes, network.edge_u[there.edge], network.edge_v[there.edge]])
    margin = MAX_OFFSET_M + step_m
    west, south = network.x[ends].min() - margin, network.y[ends].min() - margin
    east, north = network.x[ends].max() + margin, network.y[ends].max() + margin
    grid = time_grid(network, (west, south, east, north), step_m)
    ds, _ = read_rows(
        field.dist_ds, field.owner, network.edge_u, network.edge_v, network.cost_of(field.profile).arc, field.limit_ds,
        field.inward, there.edge, there.fraction, there.offset_ds(walker), there.owner, grid.edge.ravel(),
        grid.fraction.ravel(), walk_ds(grid.offset_m.ravel(), walker),
    )  # fmt: skip
    seconds = np.where(ds == UNREACHED, field.limit_ds, ds) / DS_PER_S
    return grid.x, grid.y, seconds.reshape(grid.edge.shape)


def _contour(x: NDArray[np.float64], y: NDArray[np.float64], seconds: NDArray[np.float64], limit_s: float) -> Any:
    made = contour_generator(x, y, seconds, fill_type=FillType.OuterOffset).filled(-1.0, limit_s)
    shapes = []
    for points, offsets in zip(*made, strict=True):
        rings = [points[begin:end] for begin, end in itertools.pairwise(offsets)]
        shapes.append(shapely.Polygon(rings[0], rings[1:]))
    return shapely.MultiPolygon([shape for shape in shapes if shape.area > 0])


def _degrees(network: WalkNetwork, shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.column_stack(network.unproject(xy[:, 0], xy[:, 1])))
