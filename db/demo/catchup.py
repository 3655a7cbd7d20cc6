"""After a pause: the demo's story goes on from where the record stands, by the same generator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import ARRAY, BigInteger, Connection, and_, any_, func, insert, literal, or_, select

from db.demo.feed import LIVE_STEM
from db.demo.layers import build_layers, is_built, read_layers
from db.demo.load import demo_district
from db.demo.story import Story
from db.engine import Database
from db.read.events import event_frame
from db.tables import case_event, cases, category, feed, outbox
from db.write.bulk import bulk_cases, copy_frame
from db.write.clocks import rebuild_clocks
from gis.casefold import fold
from gis.city.cases_batch import step_rows
from gis.city.cases_progress import recorded_courses, steps_left
from gis.city.cases_words import FEEDS, handling_units
from gis.errors import InputFault
from gis.worktime import local_seconds, usual_calendar

LONGEST_GAP = pd.Timedelta(days=120)
"""A longer pause is not filled whole: the story goes on from this long ago."""

_SHORTEST_GAP = pd.Timedelta(minutes=2)


@dataclass(frozen=True)
class CaughtUp:
    """What a catching-up wrote."""

    since: datetime
    until: datetime
    new_cases: int
    moved_cases: int
    steps: int


def story_of(conn: Connection, source_dir: Path | None) -> Story:
    """Return the story of the demo that is loaded.

    Raises
    ------
    InputFault
        When no demo is loaded, or the files are of another build.
    """
    loaded = demo_district(conn)
    if loaded is None:
        raise InputFault("no demo is loaded: run python -m dashboard demo load")
    facts = loaded["facts"]
    if source_dir is not None and is_built(source_dir):
        layers = read_layers(source_dir)
        if layers.facts["geometry_version"] != facts["geometry_version"]:
            raise InputFault(f"{source_dir} holds another build than the one loaded: run python -m dashboard demo load")
        return Story.of(layers)
    return Story.of(build_layers(seed=int(facts["seed"])))


def catch_up(
    database: Database, until: datetime, source_dir: Path | None = None, *, story: Story | None = None
) -> CaughtUp:
    """Fill the gap between the newest demo case and `until`, and move open cases on, in one transaction.

    Parameters
    ----------
    database
        With the demo loaded.
    until
        Aware moment.
    source_dir
        The build that was loaded; it is built again from its seed when None or empty.
    story
        The story of the build, when it is at hand already.
    """
    end = pd.Timestamp(until).tz_convert("UTC").floor("s")
    with database.owner() as conn:
        # one at a time: two processes that start together must not both fill the gap
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('quanxiang demo catch-up'))")
        since = _newest(conn)
        if since is None:
            raise InputFault("the demo has no cases yet: run python -m dashboard demo load")
        if end - since < _SHORTEST_GAP:
            return CaughtUp(since.to_pydatetime(), until, 0, 0, 0)
        since = max(since, end - LONGEST_GAP)
        story = story or story_of(conn, source_dir)
        moved, steps = _move_on(conn, story, end)
        batch = story.cases(since, end)
        fresh = batch.cases[~batch.cases["external_id"].isin(_known(conn, since))]
        events = batch.events[batch.events["case_row"].isin(fresh.index)]
        position = pd.Series(np.arange(len(fresh)), index=fresh.index)
        fresh = fresh.assign(duplicate_row=fresh["duplicate_row"].map(position).astype("Int64")).reset_index(drop=True)
        report = bulk_cases(conn, fresh, events.assign(case_row=events["case_row"].map(position)), zone=story.timezone)
        for name, own in fresh.groupby("source"):
            _count(conn, str(name), own)
        conn.execute(insert(outbox).values(kind="bulk", area_code=story.ground.district_code))
    return CaughtUp(since.to_pydatetime(), until, report.cases, moved, steps + report.events)


def _newest(conn: Connection) -> pd.Timestamp | None:
    stmt = select(cases.c.reported_at).where(cases.c.source.in_([name for name, *_ in FEEDS]))
    found = conn.execute(stmt.order_by(cases.c.reported_at.desc()).limit(1)).scalar()
    return None if found is None else pd.Timestamp(found).tz_convert("UTC")


def _known(conn: Connection, since: pd.Timestamp) -> list[str]:
    stmt = select(cases.c.external_id).where(cases.c.reported_at >= (since - pd.Timedelta(days=1)).to_pydatetime())
    return list(conn.execute(stmt).scalars())


def _move_on(conn: Connection, story: Story, end: pd.Timestamp) -> tuple[int, int]:
    """Take the steps of open cases that fell into the gap; return how many cases moved and by how many steps."""
    still = _unfinished(conn, end)
    if still.empty:
        return 0, 0
    calendar = story.calendar(still["reported_at"].min(), end)
    course = recorded_courses(still, story.mix, calendar, seed=story.seed)
    changed = local_seconds(still["changed_at"], calendar.timezone)
    left = steps_left(course, still["stage"].to_numpy(), changed)
    limit = local_seconds(pd.DatetimeIndex([end]), calendar.timezone)[0]
    still["community"] = (
        still["area_code"].str[:12].map(story.names).fillna("").where(still["area_code"].str.len() == 15, "")
    )
    still["unit"] = handling_units(still, story.names)
    events = step_rows(still, left, still, None, limit, story.names)
    if events.empty:
        return 0, 0
    ids = still["id"].to_numpy()
    columns = ["case_id", "stage", "at", "actor", "unit", "reason"]
    copy_frame(conn, "case_event", events.assign(case_id=ids[events["case_row"].to_numpy()]), columns)
    rows = np.unique(events["case_row"].to_numpy())
    _update(conn, ids[rows])
    rebuild_clocks(conn, ids[rows], usual_calendar(end.year))
    return len(rows), len(events)


def _unfinished(conn: Connection, end: pd.Timestamp) -> pd.DataFrame:
    """Open cases, and those lately closed that may still be evaluated."""
    lately = (end - LONGEST_GAP).to_pydatetime()
    # the story lets no case hang for long: who hung one goes on with it
    begun = func.count().filter(case_event.c.stage == "hung")
    ended = func.count().filter(case_event.c.stage == "resumed")
    turning = select(case_event.c.case_id).where(case_event.c.stage.in_(("hung", "resumed")))
    hung = turning.group_by(case_event.c.case_id).having(begun > ended)
    stmt = (
        select(
            cases.c.id, cases.c.external_id, cases.c.channel, cases.c.category, cases.c.family, cases.c.lead_chain,
            cases.c.source, cases.c.area_code, cases.c.stage, cases.c.reported_at, cases.c.changed_at,
            cases.c.handled_at, cases.c.closed_at, cases.c.duplicate_of, category.c.major_zh,
        )
        .join(category, category.c.code == cases.c.category)
        .where(
            cases.c.source.in_([name for name, *_ in FEEDS]),
            or_(cases.c.is_open, and_(cases.c.stage == "closed", cases.c.closed_at > lately)),
            cases.c.id.not_in(hung),
        )
        .order_by(cases.c.id)
    )  # fmt: skip
    frame = pd.DataFrame(conn.execute(stmt).all(), columns=[c.name for c in stmt.selected_columns])
    for column in ("reported_at", "changed_at", "handled_at", "closed_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    # the door only notes what a live report repeats; the story's own copies are found out and made void
    live = frame["external_id"].str.startswith(LIVE_STEM)
    frame["is_duplicate"] = frame["duplicate_of"].notna() & ~live
    frame["street_code"] = frame["area_code"].where(frame["area_code"].str.len() >= 9, "").str[:9]
    return frame


def _update(conn: Connection, ids: np.ndarray) -> None:
    """Bring the current row of moved cases in step with their events, by one statement."""
    events = event_frame(conn, case_event.c.case_id == any_(literal(ids.tolist(), ARRAY(BigInteger))))
    rows = fold(events).assign(changed_at=events.groupby("case_id")["at"].last()).reset_index()
    conn.exec_driver_sql(
        "CREATE TEMPORARY TABLE moved_case (case_id bigint, stage text, is_open boolean, handled_at timestamptz,"
        " closed_at timestamptz, changed_at timestamptz) ON COMMIT DROP"
    )
    columns = ["case_id", "stage", "is_open", "handled_at", "closed_at", "changed_at"]
    cursor = conn.connection.cursor()
    with cursor.copy("COPY moved_case FROM STDIN") as copy:  # type: ignore[attr-defined]  # psycopg's own cursor
        for row in rows[columns].itertuples(index=False):
            copy.write_row([None if value is pd.NaT else value for value in row])
    cursor.close()
    conn.exec_driver_sql(
        "UPDATE cases SET stage = m.stage, is_open = m.is_open, handled_at = m.handled_at, closed_at = m.closed_at,"
        " changed_at = m.changed_at FROM moved_case m WHERE cases.id = m.case_id"
    )


def _count(conn: Connection, name: str, own: pd.DataFrame) -> None:
    latest = own["reported_at"].max().to_pydatetime()
    conn.execute(feed.update().where(feed.c.name == name).values(received=feed.c.received + len(own), record_at=latest))
