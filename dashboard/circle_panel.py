"""What stands beside the map of walking minutes, read and put together off the event loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard.callbacks.asked import Asked
from dashboard.circle_places import place_of, reached_of
from dashboard.circles import Answer, answer_of, basket_of, child_unit, ground_of
from dashboard.grounds import GroundMissing
from dashboard.plan_compare import compared
from dashboard.services import District, Services
from gis.circle_choice import BASKETS
from gis.codes import Level
from gis.opening import open_at
from gis.scope import View
from layouts import circle_panel as look
from layouts.circle_spots import place_layout, spot_layout
from layouts.figures.circles import build_curve
from layouts.legend import number
from layouts.pages.circles import missing_layout, waiting_layout
from layouts.plain import plain as as_one
from layouts.text import Words
from layouts.text.naming import cell_name, short_name


def panel(services: Services, view: View, ask: Asked) -> list[Component]:
    """Return the panel of a settled view: the answer, or why there is none yet."""
    district = services.district_of(view.code)
    try:
        ground = ground_of(services, district)
    except GroundMissing as fault:
        return missing_layout(str(fault), ask.words)
    if ground is None:
        return waiting_layout(ask.words)
    answer = answer_of(services, view, district, ground)
    names = area_names(services, district, ask.lang)
    unit = child_unit(services, view, district)
    order = services.areas(district, unit).index
    children = answer.children.reindex([code for code in order if code in answer.children.index])
    figure = build_curve(answer.curve, answer.choice.minutes, theme=ask.theme, words=ask.words, scale=ask.scale)
    own = name_of(view.code, services, district, ask.lang)
    lists = [
        *_close_up(answer, names, ask),
        *compared(services, answer, names, ask.words),
        look.head_layout(answer.choice, own, answer.whole, answer.gaps, names, ask.words),
        look.gaps_layout(view, answer.choice, answer.gaps, names, ask.words),
        look.areas_layout(view, children, names, ask.words),
    ]
    below = look.assumptions_layout(view, assumptions(answer, ask.words), ask.lang, ask.words)
    return [html.Div(as_one(lists)), look.curve_layout(figure, ask.words), html.Div(as_one(below))]


def _close_up(answer: Answer, names: dict[str, str], ask: Asked) -> list[Component]:
    """Return the card of the place or home that is looked at closely, if any."""
    choice, view, words = answer.choice, answer.view, ask.words
    if choice.facility:
        place = place_of(answer, choice.facility)
        if place is not None:
            ratio = None if place.reason else reached_of(answer, place)[0]
            return [place_layout(view, choice, place, ratio, words)]
    if choice.spot:
        basket = basket_of(answer, choice.spot)
        reasons = answer.ground.homes_at
        reason = ""
        if basket is not None and not basket["connected"]:
            reason = str(reasons.reason[np.flatnonzero(reasons.owner == basket["home"])[0]])
        return [spot_layout(view, choice, basket, reason, names, ask.lang, words)]
    return []


def assumptions(answer: Answer, words: Words) -> list[str]:
    """Return what the numbers rest on, one sentence each."""
    ground, choice = answer.ground, answer.choice
    told, homes = ground.told, ground.homes
    who = words(f"circles.who.{choice.who}")
    lines = [
        words("circles.assume.set", set=look.called_set(choice, words), min=choice.minutes,
              at=words(f"circles.at.{choice.moment}")),
        words("circles.assume.speed", who=who, speed=f"{choice.speed_m_s:g}", min=choice.minutes,
              m=number(choice.minutes * 60 * choice.speed_m_s)),
        words("circles.assume.network", source=told["source"], hash=told["content_hash"][:8],
              date=told["source_date"] or words("circles.assume.undated"),
              nodes=number(told["report"]["nodes"]), edges=number(told["report"]["edges"])),
        words("circles.assume.homes", what=words(f"circles.what.{homes['kind'].iat[0]}"), homes=number(len(homes)),
              people=number(homes["people"].sum()),
              source=words("circles.assume.estimate" if homes["is_estimate"].any() else "circles.assume.known")),
        words("circles.assume.edge", m=number(told["margin_m"]),
              seen=words("circles.seen.some" if told["margin_m"] else "circles.seen.no")),
    ]  # fmt: skip
    if choice.ruleset in BASKETS:
        lines.append(words("circles.assume.source", source=BASKETS[choice.ruleset][0].source))
    if choice.absent:
        named = words("comma").join(words(f"item.{name}") for name in choice.absent)
        lines.append(words("circles.assume.absent", n=len(choice.absent), items=named))
    held = set(ground.facilities["kind"])
    bare = [name for name, kinds in choice.items if not held & set(kinds)]
    if bare:
        lines.insert(0, words("circles.assume.none", items=words("comma").join(words(f"item.{name}") for name in bare)))
    if choice.at is not None:
        unknown = ground.facilities[ground.facilities["kind"].isin(choice.kinds)]["opens"]
        n = sum(open_at(opens, *choice.at) is None for opens in unknown)
        lines.append(words("circles.assume.hours", n=number(n)))
    lost, people, places = answer.lost
    if lost or places:
        lines.append(words("circles.assume.lost", homes=number(lost), people=number(people), places=number(places)))
    if told["is_schematic"]:
        lines.append(words("circles.assume.schematic"))
    return lines


def schematic_note(services: Services, district: District, words: Words) -> str:
    """Return what must be said on the map about its network."""
    try:
        ground = ground_of(services, district)
    except GroundMissing:
        return ""
    told: dict[str, Any] | None = ground.told if ground else None
    return words("circles.assume.schematic") if told is not None and told["is_schematic"] else ""


def area_names(services: Services, district: District, lang: str) -> dict[str, str]:
    """Return short names of all areas of the district by code; a cell also says its community."""

    def make() -> dict[str, str]:
        names: dict[str, str] = {}
        for level in services.units(district):
            frame: pd.DataFrame = services.areas(district, level)
            for code, row in zip(frame.index, frame.to_dict("records"), strict=True):
                named = cell_name(str(code), lang) if level is Level.CELL else short_name(row, lang)
                names[str(code)] = f"{names.get(str(code)[:12], '')} {named}" if level is Level.CELL else named
        return names

    found: dict[str, str] = services.kept.get(("names", district.code, district.geometry_version, lang), 600.0, make)
    return found


def name_of(code: str, services: Services, district: District, lang: str) -> str:
    """Return what a scope is called."""
    if code == district.code:
        return district.name_en if lang == "en" and district.name_en else district.name_zh
    return area_names(services, district, lang).get(code, code)
