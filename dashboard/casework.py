"""One case as its page shows it: read here off the event loop, drawn in `layouts`."""

from __future__ import annotations

from typing import Any

from dashboard.api.cases import state_of
from dashboard.callbacks.asked import Asked
from dashboard.services import Services
from db.read import cases, casework, community
from db.write.handwork import supporting_chains
from gis.codes import Level, ancestors
from gis.offers import offers
from layouts import case_actions, case_card, case_course, case_instruments
from layouts.plain import plain
from layouts.text.naming import cell_name, short_name

_UNITS_KEPT_S = 600.0


def case_parts(services: Services, ask: Asked) -> tuple[Any, Any, Any]:
    """Return head with what may be done, course, and what belongs to the case."""
    now, lang, words = services.now(), ask.lang, ask.words
    with services.database.reading() as conn:
        case = cases.one_case(conn, ask.view.case)
        course = casework.course_of(conn, case["id"])
        voices = cases.voices_of(conn, case["id"])
        on_map = case["lon"] is not None
        groups = {
            "matter": casework.voices(conn, case["id"]),
            "same_caller": casework.same_caller(conn, case["id"]),
            "same_place": casework.same_place(conn, case, now) if on_map else [],
            "near": cases.near(conn, case["id"], 200.0, now) if on_map else [],
        }
        supporting = supporting_chains(conn, case["id"])
        photos = casework.photos_of(conn, case["id"])
        caller = casework.caller_of(conn, case["id"])
        belongs = community.of_case(conn, case["id"])
        named = {code for event in course for code in _codes(event["payload"])} | {case["area_code"]}
        names = cases.names_of(conn, sorted({part for code in named for part in ancestors(code)}))
        streets = casework.streets_of(conn, case["area_code"][: int(Level.DISTRICT)])
    district = services.district_of(case["area_code"])

    def place(code: str) -> str:
        known = [one for one in ancestors(code) if one in names] if code else []
        parts = [cell_name(one, lang) if len(one) == Level.CELL else short_name(names[one], lang) for one in known]
        return " ".join(parts) or code

    standing = casework.standing(course)
    matter = case_card.Matter(voices["voices"], voices["duplicate_of"] or "", supporting, standing, caller)
    times = {key: f"{district.local(case[key]):%Y-%m-%d %H:%M}" for key in ("reported_at", "due_at") if case[key]}
    view = ask.view.with_(code=case["area_code"])
    head = case_card.case_layout(view, case, state_of(case, now), now, place(case["area_code"]), times, lang, words,
                                 matter)  # fmt: skip
    allowed, denied = offers(standing, family=case["family"], channel=case["channel"], due_at=case["due_at"], now=now)
    desk = case_actions.Desk(
        units_known(services), [(row["code"], short_name(row, lang)) for row in streets], supporting, standing.unit,
        times.get("due_at", ""), matter.first, case["area_code"],
    )  # fmt: skip
    head.insert(-2, case_actions.actions_layout(case, allowed, denied, desk, words))
    head.append(case_instruments.places_layout(case["area_code"], desk.streets, place))
    stamp = lambda at: f"{district.local(at):%m-%d %H:%M}"  # noqa: E731
    steps = case_course.course_layout(course, case["channel"], stamp, place, lang, words)
    seen: set[str] = set()
    for rows in groups.values():  # a case stands in the first group that it fits
        rows[:] = [row for row in rows if row["number"] not in seen and not seen.add(row["number"])]  # type: ignore[func-returns-value]
    steps += case_card.photos_layout(photos, words)
    related = case_instruments.instruments_layout(ask.view, belongs, stamp, words)
    related += case_card.related_layout(view, case["number"], groups, not matter.first and case["is_open"], lang, words)
    return plain(head), plain(steps), plain(related)


def units_known(services: Services) -> list[str]:
    """Return the units that cases have lately been dispatched to, most often first; kept for a while."""

    def ask() -> list[str]:
        with services.database.reading() as conn:
            return casework.units_known(conn)

    found: list[str] = services.kept.get("units known", _UNITS_KEPT_S, ask)
    return found


def _codes(payload: dict[str, Any] | None) -> list[str]:
    held = payload or {}
    return [held[name] for name in ("area_code", "was_area_code") if held.get(name)]
