"""The wide row of facts of each case, made by one statement of its row, steps and clocks, for one case or for millions.

`gis.kpi_facts.case_facts` says the same of a frame of cases, and a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import Connection

_COLUMNS = (
    "area_code", "reported_at", "family", "channel", "urgency", "is_repeat", "is_duplicate", "due_at", "near_at",
    "hung_since", "handled_at", "closed_at", "void_at", "accepted_at", "filed_at", "dispatched_at",
    "first_handled_at", "undone_at", "reworked_at", "returned_at", "postponed_at", "hung_at", "unit_at",
    "other_unit_at", "work_min", "overtime_multiple",
)  # fmt: skip

_FACTS = f"""
WITH moved AS (
    SELECT case_id,
        min(at) FILTER (WHERE stage = 'accepted') AS accepted_at,
        min(at) FILTER (WHERE stage = 'filed') AS filed_at,
        min(at) FILTER (WHERE stage = 'dispatched') AS dispatched_at,
        min(at) FILTER (WHERE stage = 'checking') AS first_handled_at,
        min(at) FILTER (WHERE stage = 'rework') AS undone_at,
        min(at) FILTER (WHERE stage = 'returned') AS returned_at,
        min(at) FILTER (WHERE stage = 'postponed') AS postponed_at,
        min(at) FILTER (WHERE stage = 'hung') AS hung_at,
        min(at) FILTER (WHERE stage = 'dispatched' AND unit <> '') AS unit_at,
        count(*) FILTER (WHERE stage = 'checking') AS checks,
        count(*) FILTER (WHERE stage = 'dispatched' AND unit <> '') AS sendings
    FROM case_event WHERE case_id BETWEEN %(first)s AND %(last)s GROUP BY case_id
), again AS (
    SELECT case_id, min(at) AS reworked_at FROM (
        SELECT case_id, at, unit, lag(unit) OVER (PARTITION BY case_id ORDER BY id) AS before
        FROM case_event WHERE stage = 'checking' AND case_id BETWEEN %(first)s AND %(last)s
    ) AS ends WHERE before IS NOT NULL AND (unit = before OR unit = '' OR before = '') GROUP BY case_id
), sent AS (
    SELECT case_id, CASE WHEN bool_or(is_last AND unit <> first_unit)
        THEN min(at) FILTER (WHERE unit <> first_unit) END AS other_unit_at
    FROM (
        SELECT case_id, at, unit, first_value(unit) OVER (PARTITION BY case_id ORDER BY id) AS first_unit,
            id = max(id) OVER (PARTITION BY case_id) AS is_last
        FROM case_event
        WHERE stage = 'dispatched' AND unit <> '' AND case_id IN (SELECT case_id FROM moved WHERE sendings > 1)
    ) AS sendings GROUP BY case_id
), before_dispatch AS (
    SELECT s.case_id, sum(s.used_min) AS minutes
    FROM stage_clock s JOIN moved m ON m.case_id = s.case_id
    WHERE s.case_id BETWEEN %(first)s AND %(last)s AND s.start_at < m.dispatched_at
        AND s.stage NOT IN ('handled', 'hotline')
    GROUP BY s.case_id
)
INSERT INTO case_fact (case_id, {", ".join(_COLUMNS)})
SELECT c.id, c.area_code, c.reported_at, c.family, c.channel, c.urgency, c.is_repeat, c.duplicate_of IS NOT NULL,
    c.due_at, c.near_at, c.hung_since, c.handled_at,
    CASE WHEN c.stage <> 'void' THEN c.closed_at END, CASE WHEN c.stage = 'void' THEN c.closed_at END,
    m.accepted_at, m.filed_at, m.dispatched_at, m.first_handled_at, m.undone_at, a.reworked_at, m.returned_at,
    m.postponed_at, m.hung_at, m.unit_at, sent.other_unit_at,
    CASE WHEN c.stage <> 'void' THEN greatest(k.used_min - coalesce(b.minutes, 0), 0) END,
    CASE WHEN c.stage IN ('closed', 'evaluated') AND k.overtime_min > 0 AND k.limit_min > 0
        THEN k.overtime_min / k.limit_min END
FROM cases c JOIN moved m ON m.case_id = c.id
    LEFT JOIN again a ON a.case_id = c.id
    LEFT JOIN sent ON sent.case_id = c.id
    LEFT JOIN before_dispatch b ON b.case_id = c.id
    LEFT JOIN stage_clock k ON k.case_id = c.id AND k.stage = 'handled' AND k.condition = '' AND k.turn = 1
WHERE c.id BETWEEN %(first)s AND %(last)s
ON CONFLICT (case_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}
"""


def write_facts(conn: Connection, first: int, last: int) -> None:
    """Make the facts of the cases with ids from `first` to `last` anew, in the caller's transaction.

    Call it after the rows, steps and clocks of the cases are written. Indexes: the primary keys and
    ix_case_event_case_id_at.
    """
    conn.exec_driver_sql(_FACTS, {"first": int(first), "last": int(last)})
