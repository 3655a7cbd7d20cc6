"""One to many: rows of the matrix are single searches, columns give the nearest, the k-th nearest and the depth."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.balls import time_matrix
from gis.network import build_network
from gis.reach import UNREACHED, nearest_times, times_at
from tests.unit.walks import random_attachments, random_frames


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_matrix_equals_one_search_per_origin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = build_network(*random_frames(rng, 30, 70), profiles=("adult",))
    shops, homes = random_attachments(rng, network, 5, 8), random_attachments(rng, network, 14, 20)
    inward = bool(rng.random() < 0.5)
    matrix = time_matrix(network, shops, homes, limit_s=400, inward=inward)
    full = np.full((5, 14), UNREACHED)
    full[matrix.row, matrix.column] = matrix.ds
    for shop in range(5):
        alone = shops.take(shops.owner == shop)
        field = nearest_times(network, alone, limit_s=400, inward=inward)
        assert np.array_equal(full[shop], times_at(network, field, homes).ds)
    assert len(matrix.ds) == (full != UNREACHED).sum()  # nobody stands twice in a row
    together = times_at(network, nearest_times(network, shops, limit_s=400, inward=inward), homes)
    times, origins = matrix.nearest(3)
    assert np.array_equal(times[:, 0], together.ds) and np.array_equal(origins[:, 0], together.owner)
    assert np.array_equal(times, np.sort(full, axis=0)[:3].T)
    assert np.array_equal(matrix.depth(300), (full <= 3000).sum(axis=0))
    assert np.array_equal(matrix.within(300).toarray(), full <= 3000)
