"""What-if: every change leaves the very labels of a full search; adding never worsens anybody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputFault
from gis.network import build_network
from gis.pathedit import with_path
from gis.reach import UNREACHED, nearest_times, times_at
from gis.snapping import attach_points
from gis.whatif import WhatIf
from tests.unit.walks import degrees, network_of, random_attachments, random_frames, same_labels

SEEDS = st.integers(0, 2**32 - 1)


def _whole(now: WhatIf) -> bool:
    """Whether the repaired labels are those of a search over what there is now."""
    again = nearest_times(
        now.network, now.facilities, profile=now.profile, limit_s=now.limit_ds / 10, inward=now.inward
    )
    return same_labels(now.field, again)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_any_row_of_changes_equals_a_full_search(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = build_network(*random_frames(rng, 40, 95), profiles=("adult",), closed_gates=["g1"])
    inward = bool(rng.random() < 0.7)
    now = WhatIf(network, random_attachments(rng, network, 5, 8), limit_s=500, inward=inward)
    gates = list(network.gates)
    for _ in range(8):
        there = np.unique(now.facilities.owner)
        change = rng.integers(0, 5)
        before = now.dist_ds.copy()
        if change == 0:
            now.add(random_attachments(rng, network, 1, int(rng.integers(1, 3))))
            assert (now.dist_ds <= before).all()
        elif change == 1 and len(there):
            now.remove(int(rng.choice(there)))
            assert (now.dist_ds >= before).all()
        elif change == 2 and len(there):
            now.move(int(rng.choice(there)), random_attachments(rng, network, 1, 1))
        elif change == 3 and gates:
            now.set_gates(opened=[str(rng.choice(gates))])
            assert (now.dist_ds <= before).all()
        elif gates:
            now.set_gates(closed=[str(rng.choice(gates))])
            assert (now.dist_ds >= before).all()
        assert _whole(now)


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_a_path_added_equals_a_full_search_and_moves_nobody(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = build_network(*random_frames(rng, 30, 60), profiles=("adult",))
    shops, homes = random_attachments(rng, network, 3, 4), random_attachments(rng, network, 15, 15)
    now = WhatIf(network, shops, limit_s=700)
    before = now.times_at(homes).ds
    places = [degrees(*place) for place in rng.uniform(0, 900, (int(rng.integers(2, 4)), 2))]
    lon, lat = zip(*places, strict=True)
    try:
        edit = with_path(network, lon, lat, both_ways=bool(rng.random() < 0.5))
    except InputFault:
        return
    now.add_path(lon, lat)
    assert _whole(now)
    # A split edge is two edges whose shares are rounded each: a tenth of a second may come or go at both points.
    assert (now.times_at(edit.carry(homes)).ds.astype(int) <= before.astype(int) + 4).all()
    n = network.n_nodes
    assert (now.dist_ds[:n].astype(int) <= now_or_before(network, shops).astype(int) + 2).all()


def now_or_before(network, shops):  # type: ignore[no-untyped-def]
    """Times of the nodes without the path."""
    return nearest_times(network, shops, limit_s=700).dist_ds


def test_a_bridge_brings_the_other_bank_within_reach() -> None:
    banks = network_of([(0, 0), (1000, 0), (0, 60), (1000, 60)], [(0, 1), (2, 3)])
    shop = attach_points(banks, *degrees(500, 0), island_nodes=0)
    home = attach_points(banks, *degrees(500, 60), island_nodes=0)
    now = WhatIf(banks, shop)
    assert now.times_at(home).ds.tolist() == [UNREACHED]
    lon, lat = zip(degrees(400, 0), degrees(400, 60), strict=True)
    edit = with_path(banks, lon, lat)
    now.add_path(lon, lat)
    assert now.times_at(edit.carry(home)).ds[0] / 10 == pytest.approx((100 + 60 + 100) / 1.25, abs=0.6)
    assert edit.network.component.max() == 0
    with pytest.raises(InputFault, match=r"14[34][0-9] m from the nearest street"):
        now.add_path(*zip(degrees(500, 0), degrees(500, 1500), strict=True))


def test_a_facility_that_closes_hands_its_homes_to_the_next() -> None:
    street = network_of([(0, 0), (500, 0), (1000, 0)], [(0, 1), (1, 2)])
    shops = attach_points(street, *zip(degrees(100, 0), degrees(900, 0), strict=True))
    homes = attach_points(street, *zip(degrees(200, 0), degrees(800, 0), strict=True))
    now = WhatIf(street, shops)
    assert now.times_at(homes).owner.tolist() == [0, 1]
    now.remove(0)
    assert now.times_at(homes).owner.tolist() == [1, 1]
    assert now.times_at(homes).ds[0] / 10 == pytest.approx(700 / 1.25, abs=0.3)
    with pytest.raises(InputFault, match="facility 0 is not there"):
        now.remove(0)
    now.add(shops.take([0]), own=0)
    assert same_labels(now.field, nearest_times(street, shops))
    with pytest.raises(InputFault, match="is there already"):
        now.add(shops.take([0]), own=0)
    assert times_at(street, now.field, homes).owner.tolist() == [0, 1]
