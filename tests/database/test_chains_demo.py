"""The demo's response chains: units that answer for every place, supports beside leads, offers with a place."""

from __future__ import annotations

from sqlalchemy import func, select

from db.engine import Database
from db.tables import area, case_event, case_support, cases, offer, participation, unit, unit_duty


def test_every_street_and_community_has_a_schematic_unit_of_its_chain(demo_database: Database):
    with demo_database.reading() as conn:
        for chain, digits in ((1, 12), (2, 9), (4, 9), (5, 9), (6, 9), (7, 9), (8, 9)):
            places = select(area.c.code).where(area.c.level == digits, area.c.valid_to.is_(None))
            own = (
                select(unit_duty.c.area_code).join(unit, unit.c.id == unit_duty.c.unit_id).where(unit.c.chain == chain)
            )
            assert conn.execute(select(func.count()).select_from(places.except_(own).subquery())).scalar_one() == 0
        assert conn.execute(select(func.count()).where(unit.c.is_schematic.is_(False))).scalar_one() == 0


def test_units_that_steps_name_are_on_record(demo_database: Database):
    with demo_database.reading() as conn:
        named = select(case_event.c.unit).where(case_event.c.stage == "dispatched").distinct().subquery()
        unknown = select(named.c.unit).where(named.c.unit.not_in(select(unit.c.name_zh)))
        # a case whose street nobody knows goes to a body of the whole district
        assert all("街道" not in name for name in conn.execute(unknown).scalars())


def test_support_never_repeats_the_lead_and_begins_after_the_report(demo_database: Database):
    with demo_database.reading() as conn:
        told = select(func.count()).select_from(case_support.join(cases, cases.c.id == case_support.c.case_id))
        assert conn.execute(told).scalar_one() > 500
        assert conn.execute(told.where(case_support.c.chain == cases.c.lead_chain)).scalar_one() == 0
        assert conn.execute(told.where(case_support.c.since < cases.c.reported_at)).scalar_one() == 0
        assert conn.execute(told.where(cases.c.is_open.is_(False), case_support.c.ended_at.is_(None))).scalar_one() == 0


def test_offers_stand_in_cells_and_only_chains_four_to_eight_are_measured_by_participation(demo_database: Database):
    with demo_database.reading() as conn:
        assert conn.execute(select(func.count()).where(func.length(offer.c.area_code) == 15)).scalar_one() > 50
        chains = conn.execute(select(participation.c.chain).distinct().order_by(participation.c.chain)).scalars()
        assert list(chains) == [4, 5, 6, 7, 8]
