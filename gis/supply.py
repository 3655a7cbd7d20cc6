"""Supply against demand: how much of what facilities can serve falls to each home.

References
----------
.. [1] W. Luo, F. Wang, Measures of spatial accessibility to health care in a GIS environment, Environment and Planning
   B 30 (6), 2003 (2SFCA).
.. [2] W. Luo, Y. Qi, An enhanced two-step floating catchment area method, Health & Place 15 (4), 2009 (E2SFCA).
.. [3] W. G. Hansen, How accessibility shapes land use, Journal of the American Institute of Planners 25 (2), 1959.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from gis.balls import TimeMatrix
from gis.coverage import counts_of
from gis.errors import ContractFault


def two_step(
    matrix: TimeMatrix, supply: ArrayLike, demand: ArrayLike, *, limit_s: float, sigma_s: float | None = None
) -> NDArray[np.float64]:
    """Return supply per person at each home by the two-step floating catchment area method.

    Step 1: each facility shares its supply among the people who reach it; step 2: each home adds up the shares of the
    facilities it reaches.

    Parameters
    ----------
    matrix : TimeMatrix
        Rows are facilities, columns homes; people walk to the facility.
    supply : array_like, shape (rows,)
        Capacity of each facility: places, beds, seats.
    demand : array_like, shape (columns,)
        People at each home.
    limit_s : float
        Catchment in seconds.
    sigma_s : float, optional
        Weigh near people more by exp(-(t / sigma)^2 / 2) (E2SFCA with a continuous Gaussian); by default all alike.

    Returns
    -------
    ndarray, shape (columns,)
        Units of supply per person. What facilities that somebody reaches supply is shared out without rest.

    Raises
    ------
    InputFault
        When supply or demand is negative or not a number.
    ContractFault
        When lengths differ from the matrix.
    """
    weights = _weights(matrix, limit_s, sigma_s)
    capacity, people = counts_of(supply, "capacity"), counts_of(demand, "demand")
    _fit(matrix, capacity, people)
    wanted = weights @ people
    ratio = np.divide(capacity, wanted, out=np.zeros_like(capacity), where=wanted > 0)
    return np.asarray(weights.T @ ratio)


def gravity(matrix: TimeMatrix, supply: ArrayLike, *, limit_s: float, half_s: float = 300.0) -> NDArray[np.float64]:
    """Return Hansen's accessibility at each home: supply within the limit, halved every `half_s` seconds of walking.

    Raises
    ------
    InputFault
        When supply is negative or not a number.
    """
    capacity = counts_of(supply, "capacity")
    weights = matrix.weighted(np.where(matrix.ds <= limit_s * 10, 0.5 ** (matrix.ds / (half_s * 10)), 0.0))
    if len(capacity) != matrix.n_rows:
        raise ContractFault(f"{len(capacity)} capacities for {matrix.n_rows} facilities")
    return np.asarray(weights.T @ capacity)


def _weights(matrix: TimeMatrix, limit_s: float, sigma_s: float | None) -> csr_array:
    near = (matrix.ds <= limit_s * 10).astype(float)
    return matrix.weighted(near if sigma_s is None else near * np.exp(-0.5 * (matrix.ds / (sigma_s * 10)) ** 2))


def _fit(matrix: TimeMatrix, capacity: NDArray[np.float64], people: NDArray[np.float64]) -> None:
    if len(capacity) != matrix.n_rows or len(people) != matrix.n_columns:
        given = f"{len(capacity)} capacities and {len(people)} demands"
        raise ContractFault(f"{given} for {matrix.n_rows} facilities and {matrix.n_columns} homes")
