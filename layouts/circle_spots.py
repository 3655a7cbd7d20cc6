"""Close up beside the map of walking minutes: one place and whom it serves, one home or cell and its basket."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from gis.circle_choice import Choice
from gis.scope import View
from layouts.circle_panel import minutes_text, table
from layouts.legend import number
from layouts.text import Words


def place_layout(view: View, choice: Choice, place: Any, reached: Any, words: Words) -> Component:
    """Return the card of a facility: who can walk to it, against the straight circle."""
    facts = place.facts
    title = words("circles.place", kind=words(f"facility.{facts['kind']}"), name=facts["name_zh"] or facts["id"])
    body: list[Component] = []
    if place.reason:
        body.append(html.P(words("circles.place.lost", reason=words(f"circles.reason.{place.reason}"))))
    else:
        figures = [
            html.Div(
                [html.Span(words("circles.place.within", n=minutes), className="kpi-label"),
                 html.Span(number(people), className="kpi-value"),
                 html.Span(f"60+ {number(older)}", className="kpi-note")],
                className="kpi" + (" chosen" if minutes == choice.minutes else ""),
            )
            for minutes, people, older in place.within
        ]  # fmt: skip
        walked = next(people for minutes, people, _ in place.within if minutes == choice.minutes)
        counted, radius = place.straight
        more = words("circles.place.more", m=number(radius), n=number(counted), more=number(counted - walked))
        body += [
            html.Div(figures, className="kpis"),
            html.P(more),
            html.P(
                words(
                    "circles.place.ratio",
                    walk=f"{reached.area_m2 / 1e6:.2f}",
                    of=f"{reached.circle_m2 / 1e6:.2f}",
                    ratio=f"{100 * reached.circle_ratio:.0f}",
                )
            ),
            html.P(words("circles.place.own", n=number(place.nearest_for)), className="muted"),
        ]
        if facts["opens"]:
            body.append(html.P(facts["opens"], className="muted"))
    return _card(view.with_own(fac=""), title, body, words)


def spot_layout(
    view: View, choice: Choice, basket: dict[str, Any] | None, reason: str, names: dict[str, str], lang: str,
    words: Words,
) -> Component:  # fmt: skip
    """Return the basket of a home or cell: minutes and the nearest place of every kind."""
    away = view.with_own(spot="")
    if basket is None:
        return _card(away, names.get(choice.spot, choice.spot), [html.P(words("circles.spot.none"))], words)
    is_home = choice.spot.startswith("h")
    named = basket["name"] or words("circles.spot.home.name", id=choice.spot[1:]) if is_home else ""
    title = words("circles.spot", name=named or names.get(choice.spot, choice.spot))
    key = "circles.spot.home" if is_home else "circles.spot.cell"
    body: list[Component] = [
        html.P(words(key, n=number(basket["people"]), m=number(basket["over60"])), className="muted")
    ]
    if reason:
        body.append(html.P(words("circles.spot.lost", reason=words(f"circles.reason.{reason}"))))
    rows = []
    for item in sorted(basket["items"], key=lambda item: -item["ds"]):
        late = item["ds"] > choice.limit_ds
        place = (
            html.A(
                item["name"] or item["id"], href=view.with_own(fac=str(item["id"]), spot="").url, className="own-link"
            )
            if item["id"]
            else words("circles.none")
        )
        kind = words(f"item.{item['kind']}")
        rows.append(
            [
                html.Span(f"▲ {kind}", className="state overdue") if late else kind,
                place,
                minutes_text(item["ds"], words),
            ]
        )
    body.append(table(("kind", "where", "minutes"), rows, words))
    return _card(away, title, body, words)


def _card(away: View, title: str, body: list[Component], words: Words) -> Component:
    close = html.A("×", href=away.url, className="own-link close", title=words("circles.close"))
    return html.Section([html.H2([title, close]), *body], className="close-up")
