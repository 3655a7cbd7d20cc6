"""One truth: children and buckets add up to the parent, lists are as long as their numbers, search finds every name."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pandas as pd
import pytest
from sqlalchemy import Connection, text

from db.engine import Database
from db.read import areas, measures
from db.read import cases as read
from gis.codes import Level
from gis.rollup import COUNTS, roll_up
from gis.scope import View
from tests.conftest import DEMO_UNTIL

DISTRICT = "110102"
NOW = DEMO_UNTIL
MIDNIGHT = NOW.replace(hour=0, minute=0) - timedelta(hours=8)  # 14:30 in Beijing, so its day began at 16:00 UTC
LISTED = ("open", "overdue", "near_due", "new", "closed")
EVERYTHING = 1_000_000
VIEWS = {
    "a day": View(code=DISTRICT),
    "six hours of events by hotline": View(code=DISTRICT, window="6h", families=("event",), channels=("hotline",)),
    "chains, stages and people": View(
        code=DISTRICT, window="30d", chains=(1, 2), stages=("handling", "closed"), groups=("elderly",)
    ),
    "some hours of yesterday": View(
        code=DISTRICT, window="custom", since=DEMO_UNTIL - timedelta(hours=40), until=DEMO_UNTIL - timedelta(hours=31)
    ),
    "three days of what is urgent and overdue": View(code=DISTRICT, window="7d", urgent_only=True, overdue_only=True),
}

_RECOUNT = """
SELECT left(area_code, :digits) AS code,
       count(*) FILTER (WHERE is_open) AS open,
       count(*) FILTER (WHERE late) AS overdue,
       count(*) FILTER (WHERE is_open AND handled_at IS NULL AND hung_since IS NULL AND due_at >= :now
                          AND near_at < :now) AS near_due,
       count(*) FILTER (WHERE reported_at BETWEEN :until - :window AND :until) AS new,
       count(*) FILTER (WHERE reported_at BETWEEN :midnight AND :now) AS new_today,
       count(*) FILTER (WHERE closed_at BETWEEN :until - :window AND :until) AS closed,
       count(*) FILTER (WHERE reported_at >= :until - 2 * :window AND reported_at < :until - :window) AS earlier
FROM (SELECT *, coalesce(is_open AND due_at < coalesce(handled_at, hung_since, :now), false) AS late FROM cases) AS c
WHERE length(area_code) >= :digits
  AND (cast(:families AS text[]) = '{}' OR family = ANY (:families))
  AND (cast(:channels AS text[]) = '{}' OR channel = ANY (:channels))
  AND (cast(:chains AS int[]) = '{}' OR lead_chain = ANY (:chains))
  AND (cast(:stages AS text[]) = '{}' OR stage = ANY (:stages))
  AND (cast(:groups AS text[]) = '{}' OR population_group = ANY (:groups))
  AND (NOT :urgent OR urgency = 1) AND (NOT :overdue OR late)
GROUP BY 1
"""


def recount(conn: Connection, view: View, level: Level) -> pd.DataFrame:
    """Count once more, in plain SQL that shares nothing with the product's."""
    given = {
        "digits": int(level), "now": NOW, "midnight": MIDNIGHT, "window": view.length,
        "families": list(view.families), "channels": list(view.channels), "urgent": view.urgent_only,
        "overdue": view.overdue_only, "chains": list(view.chains), "stages": list(view.stages),
        "groups": list(view.groups), "until": view.until or NOW,
    }  # fmt: skip
    rows = conn.execute(text(_RECOUNT), given).all()
    return pd.DataFrame(rows, columns=["code", *COUNTS]).set_index("code").sort_index()


def test_children_and_buckets_of_every_area_add_up_to_it(demo_database: Database):
    """All 1,902 areas at four levels, seven numbers each, against a plain recount; below a cell there is nothing."""
    view = VIEWS["a day"]
    with demo_database.reading(timeout_ms=60_000) as conn:
        counts = measures.counts(conn, DISTRICT, view, NOW, MIDNIGHT).sort_values("area_code")
        plain = {level: recount(conn, view, level) for level in Level}
        known = {level: areas.inside(conn, DISTRICT, level).index for level in Level}
    assert [len(codes) for codes in known.values()] == [1, 15, 263, 1_623]
    cells = roll_up(counts, DISTRICT, Level.CELL).children.reindex(known[Level.CELL], fill_value=0)
    pd.testing.assert_frame_equal(
        cells.sort_index(), plain[Level.CELL].reindex(sorted(known[Level.CELL]), fill_value=0), check_names=False
    )
    for level, below in pairwise(Level):
        codes = known[level]
        for code in codes:
            first, last = counts["area_code"].searchsorted([code, code + "~"])
            rolled = roll_up(counts.iloc[first:last], code, below)
            assert (rolled.children.sum() + rolled.buckets.sum() == rolled.total).all(), code
            assert rolled.children.index.isin(known[below]).all(), code
            expected = plain[level].loc[code] if code in plain[level].index else 0
            assert (rolled.total == expected).all(), code
        assert plain[level].index.isin(codes).all()


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("level", Level)
def test_numbers_under_any_filter_equal_a_plain_recount(demo_database: Database, view: View, level: Level):
    with demo_database.reading(timeout_ms=60_000) as conn:
        counts = measures.counts(conn, DISTRICT, view, NOW, MIDNIGHT)
        plain = recount(conn, view, level)
    told = roll_up(counts, DISTRICT, level).children
    nonzero = plain[plain.sum(axis=1) > 0].astype("int64")
    pd.testing.assert_frame_equal(told[told.sum(axis=1) > 0].sort_index(), nonzero, check_names=False)


def test_the_demo_puts_every_number_to_the_test(demo_database: Database):
    """Sums of zeros would always agree."""
    with demo_database.reading(timeout_ms=60_000) as conn:
        counts = measures.counts(conn, DISTRICT, View(code=DISTRICT), NOW, MIDNIGHT)
    assert (counts[list(COUNTS)].sum() > 20).all()
    assert set(counts["location_status"]) == {"located", "unlocated", "outside", "cross_street"}
    streets = counts[(counts["location_status"] == "unlocated") & (counts["area_code"].str.len() == 9)]
    assert len(streets) > 3


@pytest.mark.parametrize("unit", list(Level)[1:])
def test_district_is_the_sum_of_any_level_and_its_buckets(demo_database: Database, unit: Level):
    with demo_database.reading(timeout_ms=60_000) as conn:
        counts = measures.counts(conn, DISTRICT, View(code=DISTRICT), NOW, MIDNIGHT)
        whole = recount(conn, View(code=DISTRICT), Level.DISTRICT).loc[DISTRICT]
    rolled = roll_up(counts, DISTRICT, unit)
    assert (rolled.children.sum() + rolled.buckets.sum() == whole).all()


def test_asking_for_one_street_gives_the_numbers_it_has_in_the_district(demo_database: Database):
    view = View(code=DISTRICT)
    with demo_database.reading(timeout_ms=60_000) as conn:
        district = roll_up(measures.counts(conn, DISTRICT, view, NOW, MIDNIGHT), DISTRICT, Level.STREET)
        for code in district.children.index:
            street = roll_up(measures.counts(conn, code, view, NOW, MIDNIGHT), code, Level.COMMUNITY)
            assert (street.total == district.children.loc[code]).all(), code


def test_list_behind_every_number_is_as_long_as_the_number(demo_database: Database):
    view = View(code=DISTRICT)
    with demo_database.reading(timeout_ms=60_000) as conn:
        counts = measures.counts(conn, DISTRICT, view, NOW, MIDNIGHT)
        scopes = [DISTRICT, *areas.inside(conn, DISTRICT, Level.STREET).index]
        busy = roll_up(counts, DISTRICT, Level.CELL).children["open"].nlargest(5).index
        scopes += sorted({code[:12] for code in busy}) + list(busy)
        for scope in scopes:
            rolled = roll_up(counts, scope, Level.CELL)
            for which in LISTED:
                rows = read.listed(conn, scope, view.at(scope), NOW, which, EVERYTHING)
                assert len(rows) == rolled.total[which], (scope, which)
                assert rows["number"].is_unique


@pytest.mark.parametrize("unit", [Level.STREET, Level.COMMUNITY, Level.CELL])
def test_list_behind_every_bucket_is_as_long_as_the_number(demo_database: Database, unit: Level):
    """A bucket holds what lies in no area of the level on screen: the table's level, or the map's."""
    with demo_database.reading(timeout_ms=60_000) as conn:
        counts = measures.counts(conn, DISTRICT, View(code=DISTRICT), NOW, MIDNIGHT)
        for scope in [DISTRICT, *areas.inside(conn, DISTRICT, Level.STREET).index]:
            if len(scope) >= int(unit):
                continue
            for status, row in roll_up(counts, scope, unit).buckets.iterrows():
                view = View(code=scope, bucket=str(status), bucket_unit=unit)
                for which in LISTED:
                    rows = read.listed(conn, scope, view, NOW, which, EVERYTHING)
                    assert len(rows) == row[which], (scope, status, which)


@pytest.mark.parametrize(
    ("typed", "code", "name"),
    [
        ("什刹海", "110102012", "什刹海街道"),
        ("什刹海街道", "110102012", "什刹海街道"),
        ("shichahai", "110102012", "什刹海街道"),
        ("Shichahai", "110102012", "什刹海街道"),
        ("shi cha hai", "110102012", "什刹海街道"),
        ("sch", "110102012", "什刹海街道"),
        ("110102012", "110102012", "什刹海街道"),
        ("校场", None, "校场社区"),
        ("xiaochang", None, "校场社区"),
        ("jiaochang", None, "校场社区"),
        ("西城", "110102", "西城区"),
    ],
)
def test_area_is_found_first_by_name_pinyin_initials_and_code(
    demo_database: Database, typed: str, code: str, name: str
):
    with demo_database.reading() as conn:
        first = areas.search(conn, typed, DISTRICT)[0]
    assert first["name_zh"].startswith(name.removesuffix("社区")) and first["name_zh"].endswith(name[-2:])
    assert code in (None, first["code"])


def test_cell_is_found_by_its_code_and_part_of_it_lists_what_lies_inside(demo_database: Database):
    with demo_database.reading() as conn:
        cell = areas.inside(conn, DISTRICT, Level.CELL).index[900]
        assert [row["code"] for row in areas.search(conn, cell, DISTRICT)] == [cell]
        found = [row["code"] for row in areas.search(conn, cell[:12], DISTRICT)]
    assert found[0] == cell[:12] and all(code.startswith(cell[:12]) for code in found) and len(found) > 1


@pytest.mark.parametrize("typed", ["", "   ", "%", "_", "\\", "zzzzzz", "'; DROP TABLE cases; --"])
def test_search_for_nothing_finds_nothing_or_little(demo_database: Database, typed: str):
    with demo_database.reading() as conn:
        assert areas.search(conn, typed, DISTRICT) == []
