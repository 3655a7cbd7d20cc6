"""The map of a period as one HTML file that opens without a network: Leaflet and all shapes are inside."""

from __future__ import annotations

import base64
import html
import json
import re
from importlib.resources import files
from typing import Any

import folium
from branca.element import Element

from gis.brief import Brief
from layouts import brief as told
from layouts.figures.brief_map import classes_of, colours_of
from layouts.text import Words
from layouts.theme import FONT, LIGHT

_PACKAGE = "js_lib_leaflet"


def offline_map(brief: Brief, shapes: dict[str, Any], lang: str, words: Words) -> bytes:
    """Return the file.

    Parameters
    ----------
    shapes : GeoJSON of `streets`, `communities` and `districts` with `code` in the properties.
    """
    scope = str(brief.place["code"])
    below = {9: "streets", 12: "communities"}.get(len(str(brief.rows.index[0])), "communities")
    inside = [one for one in shapes[below]["features"] if one["properties"]["code"] in brief.rows.index]
    colours = colours_of(brief.rows["new"])
    listed = {row["code"]: row for row in told.areas(brief, lang, words).rows if row["code"]}
    for one in inside:
        row = listed[one["properties"]["code"]]
        one["properties"] = {
            "code": row["code"], "colour": colours[row["code"]], "name": row["name"], "new": f"{row['new']:,}",
            "change": told.shown(row["change"], "change"), "closed": f"{row['closed']:,}", "open": f"{row['open']:,}",
            "share": f"{told.shown(row['share'], 'share')} ({told.shown(row['interval'], 'interval')})",
            "overdue": f"{row['overdue']:,}",
        }  # fmt: skip
    fields = ["name", "new", "change", "closed", "share", "open", "overdue"]
    made = folium.Map(tiles=None, zoom_control=True, attributionControl=False, prefer_canvas=True)
    made.default_js, made.default_css = [], []
    layer = folium.GeoJson(
        {"type": "FeatureCollection", "features": inside},
        style_function=lambda one: {"fillColor": one["properties"]["colour"], "fillOpacity": 0.85,
                                    "color": LIGHT.border, "weight": 1},
        highlight_function=lambda _one: {"weight": 3, "color": LIGHT.accent},
        tooltip=folium.GeoJsonTooltip(fields, [words(f"brief.col.{name}") for name in fields], sticky=True),
    )  # fmt: skip
    layer.add_to(made)
    around = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": one["geometry"]} for one in shapes["districts"]["features"]
        if str(one["properties"].get("code", scope))[:6] == scope[:6]
    ]}  # fmt: skip
    folium.GeoJson(around, style_function=lambda _one: {"fill": False, "color": LIGHT.text, "weight": 2.5}).add_to(made)
    bounds: Any = layer.get_bounds()
    made.fit_bounds(bounds)
    root: Any = made.get_root()
    script, style = leaflet()
    root.header.add_child(Element(f"<script>{script}</script><style>{style}</style>"))
    root.header.add_child(Element(f"<style>{_LOOK}</style><title>{told.headline(brief, lang, words)}</title>"))
    root.script.add_child(Element(_names(brief, listed, made.get_name())))
    root.html.add_child(Element(_frame(brief, lang, words)))
    return str(root.render()).encode()


_LOOK = f"""
body {{ font-family: {FONT}; background: {LIGHT.ground}; }} .leaflet-container {{ background: {LIGHT.land}; font: inherit; }}
.leaflet-tooltip table {{ border-spacing: 0.6em 0.1em; }} .leaflet-tooltip th {{ text-align: left; font-weight: 400; color: {LIGHT.second}; }}
.brief-name b {{ position: absolute; transform: translate(-50%, -50%); white-space: nowrap; font-weight: 600; color: {LIGHT.text};
  text-shadow: 0 0 3px #fff, 0 0 3px #fff, 0 0 6px #fff; font-size: 13px; }}
.brief-frame {{ position: fixed; z-index: 900; right: 12px; top: 12px; width: min(24em, calc(100vw - 84px)); background: #fff;
  border: 1px solid {LIGHT.line_strong}; border-radius: 6px; padding: 12px 16px; font-size: 14px; line-height: 1.55; color: {LIGHT.text}; }}
.brief-frame h1 {{ font-size: 17px; margin: 0; }} .brief-frame p {{ margin: 6px 0; }} .brief-frame small {{ display: block; color: {LIGHT.second}; }}
.brief-frame i {{ display: inline-block; width: 1.2em; height: 0.9em; margin-right: 0.4em; border: 1px solid {LIGHT.line_strong}; vertical-align: -1px; }}
.brief-frame span {{ margin-right: 0.8em; white-space: nowrap; }}
"""  # noqa: E501


def _names(brief: Brief, listed: dict[str, Any], map_name: str) -> str:
    """Return the script that writes the names; folium's own markers would first ask for Leaflet's pin."""
    labels = [
        [lat, lon, html.escape(listed[code]["name"])]
        for code, lat, lon in zip(brief.rows.index, brief.rows["label_lat"], brief.rows["label_lon"], strict=True)
    ]
    pin = "L.divIcon({ className: 'brief-name', html: '<b>' + name + '</b>' })"
    each = f"L.marker([lat, lon], {{ interactive: false, icon: {pin} }}).addTo({map_name});"
    told_names = json.dumps(labels, ensure_ascii=False).replace("</", "<\\/")
    return f"addEventListener('load', () => {{ for (const [lat, lon, name] of {told_names}) {each} }});"


def _frame(brief: Brief, lang: str, words: Words) -> str:
    kind = words(f"brief.{brief.kind}")
    period, other = told.period_words(brief.period, words), told.period_words(brief.compared, words)
    legend = "".join(f'<span><i style="background:{colour}"></i>{text}</span>'
                     for colour, text in classes_of(brief.rows["new"]))  # fmt: skip
    about = "".join(f"<small>{line}</small>" for line in told.about(brief, lang, words))
    return (
        f'<aside class="brief-frame"><h1>{words("brief.title", name=told.name_of(brief, lang), kind=kind)}</h1>'
        f"<small>{words('brief.period', period=period, compared=other)}</small>"
        f"<p>{told.headline(brief, lang, words)}</p><div>{legend}</div>"
        f"<small>{words('brief.map.means')}</small>{about}</aside>"
    )


def leaflet() -> tuple[str, str]:
    """Return script and style sheet of Leaflet from its installed package, with its pictures inside."""
    folder = files(_PACKAGE) / "static" / _PACKAGE
    script = (folder / "leaflet.js").read_text(encoding="utf-8").replace("</script", "<\\/script")
    script = re.sub(r"//# sourceMappingURL=\S+", "", script)

    def inside(found: re.Match[str]) -> str:
        picture = base64.b64encode((folder / found[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{picture})"

    style = re.sub(r"url\((images/[\w-]+\.png)\)", inside, (folder / "leaflet.css").read_text(encoding="utf-8"))
    return script, style
