"""Who walks: speeds and what stairs, ramps, crossings and closed gates cost each of them.

Speeds are of practice, not of measurement here, and every map that uses one prints it. A profile is data: another town
adds its own.

References
----------
.. [1] J. J. Fruin, Pedestrian Planning and Design, 1971: on stairs people advance at about half their level speed.
.. [2] GB 50180-2018 gives walking distances, not speeds; 1,000 m in 15 minutes is 1.1 m/s.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputFault

EDGE_KINDS = ("street", "path", "steps", "ramp", "crossing", "gate", "inside")
"""What a piece of the walking network is; `inside` is a lane within a compound, `gate` the way through its wall."""

IMPASSABLE = 65_535
"""Cost of an arc that may not be walked; also the time of a node that is not reached."""

DS_PER_S = 10
"""Times are whole tenths of a second."""

NIGHT = "_night"


@dataclass(frozen=True)
class Walker:
    """One way of walking.

    Attributes
    ----------
    speed_m_s : float
        On the level.
    factor : dict
        By edge kind, how many times as long as on the level; None is impassable; 1 when not named.
    wait_s : dict
        By edge kind, seconds added once per edge.
    at_night : bool
        Whether edges that close at night are closed.
    """

    name: str
    speed_m_s: float
    factor: dict[str, float | None] = field(default_factory=dict)
    wait_s: dict[str, float] = field(default_factory=dict)
    at_night: bool = False


_BY_DAY = (
    Walker("adult", 1.25, {"steps": 2.0}),
    Walker("over60", 1.0, {"steps": 2.0}),
    Walker("frail", 0.8, {"steps": 2.5, "ramp": 1.2}),
    Walker("pram", 1.1, {"steps": None, "ramp": 1.2}),
    Walker("wheelchair", 0.9, {"steps": None, "ramp": 1.5}),
)

WALKERS: dict[str, Walker] = {
    walker.name: walker for day in _BY_DAY for walker in (day, replace(day, name=day.name + NIGHT, at_night=True))
}
"""Every profile by name; `<name>_night` is the same walker while what closes at night is closed."""


def walker_of(name: str) -> Walker:
    """Return a profile by name.

    Raises
    ------
    InputFault
        When there is none of that name.
    """
    if name not in WALKERS:
        raise InputFault(f"there is no walking profile {name!r}: choose from {', '.join(WALKERS)}")
    return WALKERS[name]


def walk_ds(distance_m: NDArray[np.float64], walker: Walker) -> NDArray[np.uint16]:
    """Return the time of level distances in tenths of a second, below IMPASSABLE; NaN takes the longest time."""
    ds = np.fmin(distance_m / walker.speed_m_s * DS_PER_S, IMPASSABLE - 1)
    return np.rint(ds).astype(np.uint16)


def edge_ds(length_m: NDArray[np.float64], kind: NDArray[np.uint8], walker: Walker) -> NDArray[np.uint16]:
    """Return the time of whole edges in tenths of a second, before direction, gates and night are looked at.

    Parameters
    ----------
    length_m : ndarray, shape (m,)
        On the ground.
    kind : ndarray of uint8, shape (m,)
        Positions in `EDGE_KINDS`.
    walker : Walker
        Who walks.

    Returns
    -------
    ndarray of uint16, shape (m,)
        At least 1, so that every step takes time; IMPASSABLE where this walker can not go.
    """
    factors = [walker.factor.get(name, 1.0) for name in EDGE_KINDS]
    factor = np.array([1.0 if one is None else one for one in factors])[kind]
    wait_s = np.array([walker.wait_s.get(name, 0.0) for name in EDGE_KINDS])[kind]
    ds = np.rint((np.asarray(length_m, dtype=float) / walker.speed_m_s * factor + wait_s) * DS_PER_S)
    cost = np.clip(ds, 1, IMPASSABLE - 1).astype(np.uint16)
    cost[np.array([one is None for one in factors])[kind]] = IMPASSABLE
    return cost
