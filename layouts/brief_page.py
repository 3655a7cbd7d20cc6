"""The brief as a printed document: HTML for A4, drawn from the same tables as the screen."""

from __future__ import annotations

import html
import json
from typing import Any

from gis.brief import Brief
from layouts import brief as told
from layouts.brief import Table, shown
from layouts.figures.brief import build_days
from layouts.figures.brief_map import classes_of
from layouts.text import Words
from layouts.theme import FONT, LIGHT

_CSS = f"""
@page {{ size: A4; margin: 14mm 14mm 12mm; }}
* {{ box-sizing: border-box; }}
body {{ font: 10pt/1.5 {FONT.replace('"', "'")}; color: {LIGHT.text}; margin: 0; width: 182mm;
  font-variant-numeric: tabular-nums; -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
h1 {{ font-size: 18pt; margin: 0; }} h2 {{ font-size: 11.5pt; margin: 5mm 0 1.5mm; }}
.when {{ color: {LIGHT.second}; margin: 0 0 3mm; border-bottom: .5mm solid {LIGHT.text}; padding-bottom: 2mm; }}
.lead {{ font-size: 12pt; line-height: 1.6; margin: 0 0 3mm; }}
.figures {{ display: grid; grid-template-columns: repeat(6, 1fr); gap: 2.5mm; }}
.figures div {{ border: .2mm solid {LIGHT.line_strong}; border-radius: 1mm; padding: 2mm 2.5mm; }}
.figures b {{ display: block; font-size: 15pt; line-height: 1.25; }}
.figures .overdue b {{ color: {LIGHT.overdue}; }}
.figures span, .small {{ color: {LIGHT.second}; font-size: 8.5pt; }}
.two {{ display: grid; grid-template-columns: 98mm 1fr; gap: 6mm; }}
#map {{ width: 98mm; height: 112mm; border: .2mm solid {LIGHT.line_strong}; }}
#days {{ width: 182mm; height: 52mm; }}
.legend {{ display: flex; gap: 3mm; flex-wrap: wrap; font-size: 8.5pt; color: {LIGHT.second}; margin-top: 1mm; }}
.legend i {{ display: inline-block; width: 4mm; height: 3mm; margin-right: 1mm; border: .1mm solid {LIGHT.line_strong}; }}
ul {{ margin: 0; padding-left: 4.5mm; }} li {{ margin-bottom: 1mm; }}
table {{ width: 100%; border-collapse: collapse; }} tr {{ break-inside: avoid; }}
th {{ text-align: left; font-size: 8.5pt; color: {LIGHT.second}; border-bottom: .3mm solid {LIGHT.line_strong}; padding: 1mm 1.5mm; }}
td {{ border-bottom: .1mm solid {LIGHT.line}; padding: .7mm 1.5mm; }}
.n {{ text-align: right; white-space: nowrap; }}
.total td {{ font-weight: 600; border-top: .3mm solid {LIGHT.line_strong}; }}
.bucket td {{ font-style: italic; color: {LIGHT.second}; }} .few td {{ color: {LIGHT.muted}; }}
section {{ break-inside: avoid; }} .areas {{ break-before: page; break-inside: auto; }}
footer {{ margin-top: 3.5mm; border-top: .2mm solid {LIGHT.line_strong}; padding-top: 2mm; color: {LIGHT.second}; font-size: 8.5pt; }}
"""  # noqa: E501

_READY = """
const config = { staticPlot: true, displayModeBar: false };
const told = JSON.parse(document.getElementById('figures').textContent);
const drawn = [Plotly.newPlot('days', told.days.data, told.days.layout, config),
  Plotly.newPlot('map', told.map.data, told.map.layout, config)];
Promise.all(drawn).then(() => {
  const map = document.getElementById('map')._fullLayout.map._subplot.map;
  const done = () => setTimeout(() => { document.documentElement.dataset.ready = '1'; }, 700);
  if (map.loaded()) done(); else map.once('idle', done);
});
"""


def brief_document(
    brief: Brief, map_figure: dict[str, Any], unit_word: str, plotly_src: str, lang: str, words: Words
) -> str:
    """Return the document; it marks itself ready (`data-ready`) when its map is drawn.

    Parameters
    ----------
    map_figure : as `layouts.figures.brief_map.build_brief_map` makes it. unit_word : what its areas are called.
    plotly_src : where the drawing library lies.
    """
    period, other = told.period_words(brief.period, words), told.period_words(brief.compared, words)
    kind = words(f"brief.{brief.kind}")
    title = words("brief.title", name=told.name_of(brief, lang), kind=kind)
    figures = "".join(_figure(row, words) for row in told.figures(brief, words).rows)
    legend = "".join(f'<span><i style="background:{colour}"></i>{_safe(text)}</span>'
                     for colour, text in classes_of(brief.rows["new"]))  # fmt: skip
    days = build_days(brief, theme="light", words=words, scale=0.8)
    data = json.dumps({"map": map_figure, "days": days}, ensure_ascii=False).replace("<", "\\u003c")
    exceptions = "".join(f"<li>{_safe(line)}</li>" for line in told.exceptions(brief, lang, words))
    about = "".join(f"<div>{_safe(line)}</div>" for line in told.about(brief, lang, words))
    lang_tag = "en" if lang == "en" else "zh-CN"
    return f"""<!DOCTYPE html><html lang="{lang_tag}"><head><meta charset="utf-8"><title>{_safe(title)}</title>
<style>{_CSS}</style></head><body>
<h1>{_safe(title)}</h1><p class="when">{_safe(words("brief.period", period=period, compared=other))}</p>
<p class="lead">{_safe(told.headline(brief, lang, words))}</p>
<div class="figures">{figures}</div>
<div class="two"><section><h2>{_safe(words("brief.map", unit=unit_word))}</h2><div id="map"></div>
<div class="legend">{legend}<span>{_safe(words("brief.map.means"))}</span></div></section>
<section><h2>{_safe(words("brief.exceptions"))}</h2><ul>{exceptions}</ul>
<h2>{_safe(words("brief.classes"))}</h2>{_table(told.classes(brief, lang, words))}</section></div>
<section><h2>{_safe(words("brief.trend"))}</h2><div id="days"></div></section>
<section class="areas"><h2>{_safe(words("brief.streets"))}</h2>{_table(told.areas(brief, lang, words))}</section>
<section><h2>{_safe(words("brief.late"))}</h2>{_table(told.late(brief, lang, words))}</section>
<footer>{about}</footer>
<script type="application/json" id="figures">{data}</script>
<script src="{plotly_src}"></script><script>{_READY}</script></body></html>"""


def _figure(row: dict[str, Any], words: Words) -> str:
    change = "" if row["change"] is None else f" · {shown(row['change'], 'change')}"
    sign, css = ("▲ ", "overdue") if row["key"] == "overdue" and row["now"] else ("", "")
    note = words("brief.then", n=shown(row["then"], row["kind"])) + change
    return (f'<div class="{css}"><span>{sign}{_safe(row["figure"])}</span><b>{shown(row["now"], row["kind"])}</b>'
            f"<span>{_safe(note)}</span></div>")  # fmt: skip


def _table(table: Table) -> str:
    head = "".join(f'<th class="{"" if kind == "text" else "n"}">{_safe(label)}</th>'
                   for _key, label, kind in table.columns)  # fmt: skip
    rows = []
    for row, mark in zip(table.rows, table.marks, strict=True):
        cells = []
        for key, _label, kind in table.columns:
            text = shown(row[key], kind) + (" *" if key == "change" and row.get("star") else "")
            cells.append(f'<td class="{"" if kind == "text" else "n"}">{_safe(text)}</td>')
        rows.append(f'<tr class="{mark}">{"".join(cells)}</tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _safe(text: str) -> str:
    return html.escape(str(text))
