"""Alarms begin above the level at which they end, take the screens once, and never soon after another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gis.alarms import PAUSE, Alarm, Condition, changes, feed_condition, next_to_show, urgent_condition

NOW = datetime(2026, 5, 20, 6, 30, tzinfo=UTC)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def test_urgent_case_rings_five_minutes_after_its_deadline_and_is_over_when_none_is_late() -> None:
    def stands(n: int, late_min: float) -> Condition:
        return urgent_condition("110102001", n, NOW - minutes(late_min), NOW, {})

    assert not stands(1, 4).raises and not stands(1, 4).clears
    assert stands(1, 5).raises
    assert urgent_condition("110102001", 0, None, NOW, {}).clears


def test_a_feed_that_trembles_around_its_limit_rings_once() -> None:
    known: list[Alarm] = []
    rung = 0
    for age_s in (50, 290, 310, 280, 310, 200, 320, 130, 310, 110, 60, 310):
        made = changes(known, [feed_condition("hotline", "110102", age_s, 60, {})])
        rung += len(made.raised)
        known = [a for a in known if a.key not in made.cleared]
        known += [Alarm(c.kind, c.key, NOW) for c in made.raised]
    assert rung == 2  # 110 s was well again, so the last 310 s is a new silence


def test_what_is_not_found_any_more_is_over() -> None:
    assert changes([Alarm("urgent", "urgent:110102001", NOW)], []).cleared == ["urgent:110102001"]


def test_urgent_cases_come_before_feeds_and_each_is_shown_once() -> None:
    feed, urgent = Alarm("feed", "feed:a", NOW - minutes(9)), Alarm("urgent", "urgent:b", NOW)
    assert next_to_show([feed, urgent], None, NOW) == "urgent:b"
    shown = Alarm("urgent", "urgent:b", NOW, shown_at=NOW)
    assert next_to_show([feed, shown], NOW, NOW + minutes(4.9)) is None
    assert next_to_show([feed, shown], NOW, NOW + minutes(5)) == "feed:a"
    assert next_to_show([shown], NOW, NOW + minutes(60)) is None


@given(st.lists(st.tuples(st.integers(0, 3600), st.integers(0, 9)), max_size=40))
def test_never_two_alarms_within_five_minutes(arrivals: list[tuple[int, int]]) -> None:
    known: dict[str, Alarm] = {}
    last: datetime | None = None
    for second in range(0, 3600, 10):
        now = NOW + timedelta(seconds=second)
        for at, key in arrivals:
            if at // 10 == second // 10:
                known.setdefault(f"urgent:{key}", Alarm("urgent", f"urgent:{key}", now))
        key_now = next_to_show(list(known.values()), last, now)
        if key_now:
            assert last is None or now - last >= PAUSE
            last = now
            known[key_now] = Alarm("urgent", key_now, known[key_now].raised_at, shown_at=now)
