"""What the map of walking minutes shows, and the numbers beside it, for the page's script and for programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from dashboard.circle_export import FORMATS, export_of
from dashboard.circle_places import drawn, feature, place_of, reached_of, routes_of
from dashboard.circles import Answer, answer_of, basket_of, child_unit, class_people, classes_of, ground_of
from dashboard.offload import offload
from dashboard.plans import numbers_of, outcome_of, picture_of
from dashboard.services import Services
from db.write import scenarios
from gis.baskets import class_of
from gis.codes import Level
from gis.scenario import read_changes, standing
from gis.scope import View
from layouts.text import Words, words_for

_COLLECTION = "FeatureCollection"


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1/circles`."""
    routes = APIRouter(prefix="/api/v1/circles", tags=["circles"])

    def _map(path: str, search: str, lang: str) -> dict[str, Any]:
        view, district = services.settled(View.from_url(path, search))
        ground = ground_of(services, district)
        if ground is None:
            return {"ready": False}
        answer = answer_of(services, view, district, ground)
        codes = [str(code) for code in services.areas(district, Level.CELL).index]
        told: dict[str, Any] = summary(answer)
        told |= {
            "codes": codes, "classes": classes_of(answer, codes), "people_by_class": class_people(answer),
            "places": places(answer), "legend": legend(answer, lang),
        }  # fmt: skip
        told |= planned(services, answer, codes, lang)
        if answer.choice.by == "home":
            told["homes"] = home_points(answer)
        return told | close_up(answer)

    @routes.get("/map")
    async def picture(path: str = "/circles", search: str = "", lang: str = "zh") -> JSONResponse:
        """Return classes of all cells, places, and what is looked at closely; `ready` is false while times are made."""
        made = await offload(_map, path, search, lang)
        return JSONResponse(made, headers={"Cache-Control": "no-store"})

    def _numbers(path: str, search: str) -> dict[str, Any]:
        view, district = services.settled(View.from_url(path, search))
        ground = ground_of(services, district, wait_s=60.0)
        if ground is None:
            return {"ready": False}
        answer = answer_of(services, view, district, ground)
        rows = answer.children.reset_index().to_dict("records")
        gaps = answer.gaps.assign(minutes=(answer.gaps["ds"] / 600).round(1)).drop(columns="ds").to_dict("records")
        return summary(answer) | {"children": rows, "gaps": gaps, "curve": answer.curve.to_dict("records")}

    @routes.get("")
    async def numbers(path: str = "/circles", search: str = "") -> JSONResponse:
        """Return coverage of a scope, of its child areas, who is missing what, and coverage against minutes."""
        made = await offload(_numbers, path, search)
        return JSONResponse(plain(made), headers={"Cache-Control": "no-store"})

    @routes.get("/export")
    async def exported(path: str = "/circles", search: str = "", kind: str = "csv", lang: str = "zh") -> Response:
        """Return coverage per area as GeoJSON, GeoPackage, XLSX or CSV, with the method inside the file."""
        content, name = await offload(export_of, services, path, search, kind, lang)
        return Response(content, media_type=FORMATS[kind],
                        headers={"Content-Disposition": f'attachment; filename="{name}"'})  # fmt: skip

    return routes


def planned(services: Services, answer: Answer, codes: list[str], lang: str) -> dict[str, Any]:
    """Return the scenario of the address with its numbers and the picture it asks for; nothing without one."""
    if not answer.choice.plan:
        return {}
    view, district = answer.view, services.district_of(answer.view.code)
    with services.database.reading() as conn:
        row = scenarios.one_scenario(conn, district.code, int(answer.choice.plan))
    plan = standing(read_changes(row["changes"]))
    outcome = outcome_of(answer, plan, child_unit(services, view, district))
    gates = answer.ground.gates
    shut = gates[~gates["is_open"].astype(bool)]
    marks = [
        feature({"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}, gate=gate, name=name,
                open=int(gate in plan.opened))
        for gate, name, lon, lat in zip(shut["gate"], shut["name_zh"], shut["lon"], shut["lat"], strict=True)
    ]  # fmt: skip
    return {
        "classes": picture_of(answer, outcome, view.own_value("show", "after"), codes),
        "plan": {"id": row["id"], "name": row["name"], "owner": row["owner"], "changes": row["changes"]}
        | numbers_of(outcome)
        | {"legend": difference_legend(words_for(lang))},
        "gates": {"type": _COLLECTION, "features": marks},
    }


def difference_legend(words: Words) -> dict[str, Any]:
    """Return the legend of the picture of differences."""
    kinds = ("better", "worse", "same")
    return {
        "means": words("circles.legend.diff"),
        "classes": [{"key": f"diff_{name}", "text": words(f"plan.diff.{name}")} for name in kinds],
    }


def summary(answer: Answer) -> dict[str, Any]:
    """Return what was asked, the network it rests on, and the scope's numbers."""
    told, choice = answer.ground.told, answer.choice
    return {
        "ready": True, "version": answer.ground.version, "scope": answer.view.code,
        "items": dict(choice.items), "absent": list(choice.absent),
        "ruleset": choice.ruleset, "walker": choice.who, "speed_m_s": choice.speed_m_s, "minutes": choice.minutes,
        "moment": choice.moment, "network": {
            "source": told["source"], "date": str(told["source_date"] or ""), "hash": told["content_hash"],
            "is_schematic": told["is_schematic"], "margin_m": told["margin_m"],
        },
        "whole": {name: (None if pd.isna(value) else float(value)) for name, value in answer.whole.items()},
    }  # fmt: skip


def places(answer: Answer) -> dict[str, Any]:
    """Return the places of the chosen kinds as GeoJSON."""
    frame = answer.ground.facilities
    chosen = frame[frame["kind"].isin(answer.choice.kinds)]
    marks = [
        feature({"type": "Point", "coordinates": [round(row["lon"], 6), round(row["lat"], 6)]}, id=row["id"],
                kind=row["kind"], name=row["name_zh"], on=int(str(row["id"]) == answer.choice.facility))
        for row in chosen.to_dict("records")
    ]  # fmt: skip
    return {"type": _COLLECTION, "features": marks}


def home_points(answer: Answer) -> dict[str, Any]:
    """Return the homes of the scope as GeoJSON points with their class."""
    homes, frame = answer.homes, answer.ground.homes
    label = np.where(homes.connected, class_of(answer.last), 5)
    lon, lat = frame["lon"].to_numpy(float).round(6), frame["lat"].to_numpy(float).round(6)
    rows = np.flatnonzero(homes.inside(answer.view.code))
    marks = [
        feature({"type": "Point", "coordinates": [x, y]}, id=number, k=k)
        for x, y, number, k in zip(lon[rows].tolist(), lat[rows].tolist(), frame["id"].to_numpy()[rows].tolist(),
                                   label[rows].tolist(), strict=True)
    ]  # fmt: skip
    return {"type": _COLLECTION, "features": marks}


def close_up(answer: Answer) -> dict[str, Any]:
    """Return ways, straight circle and routes of the place or home that is looked at closely."""
    choice = answer.choice
    found: dict[str, Any] = {"area": [], "straight": [], "route": []}
    if choice.facility:
        place = place_of(answer, choice.facility)
        if place is not None and not place.reason:
            found |= drawn(place, reached_of(answer, place))
    elif choice.spot:
        basket = basket_of(answer, choice.spot)
        if basket is not None and basket["connected"]:
            found["route"] = routes_of(answer, basket["home"])
    return {name: {"type": _COLLECTION, "features": rows} for name, rows in found.items()}


def legend(answer: Answer, lang: str) -> dict[str, Any]:
    """Return the legend's words: classes with how many people live in each, and what the colour means."""
    words = words_for(lang)
    people = class_people(answer)
    return {
        "means": words(f"circles.legend.{answer.choice.by}"),
        "classes": [
            {"key": name, "text": words(f"circles.class.{name}"), "people": round(people[name])}
            for name in ("within_5", "within_10", "within_15", "beyond_15", "not_connected")
        ],
        "none": words("circles.class.no_homes"),
    }


def plain(value: Any) -> Any:
    """Return numbers that JSON can hold: NaN and numpy's own become plain ones."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(value)
    return int(value) if isinstance(value, np.integer) else value
