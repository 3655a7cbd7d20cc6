"""What the pointer shows over an area: name, code, the measure with its unit, and where a click leads."""

from __future__ import annotations

import html

import pandas as pd

from gis.codes import Level
from gis.scope import View
from layouts.legend import number
from layouts.text import Words
from layouts.text.naming import cell_name, short_name


def hover_texts(
    every: pd.DataFrame, rows: pd.DataFrame, values: pd.Series, view: View, lang: str, words: Words
) -> list[str]:
    """Return one text per area of `every`; areas outside the scope get their name only.

    Parameters
    ----------
    every : areas of one level of the district. rows : those inside the scope with counts. values : the measure.
    """
    unit = words(f"unit.{view.measure}")
    label = words(f"measure.{view.measure}")
    counts = rows[["open", "overdue", "new"]].to_dict("index")
    shown = values.to_dict()
    texts = []
    names = (every[name].tolist() for name in ("name_zh", "name_en", "short_zh"))  # walking a text column is slow
    for code, zh, en, short in zip(every.index.tolist(), *names, strict=True):
        row = {"name_zh": zh, "name_en": en, "short_zh": short}
        name = cell_name(code, lang) if len(code) == Level.CELL else short_name(row, lang)
        head = f"<b>{html.escape(name)}</b>  {code}"
        if code not in shown:
            texts.append(head)
            continue
        value, count = shown[code], counts[code]
        amount = words("legend.none") if pd.isna(value) else f"{number(value, whole=float(value).is_integer())} {unit}"
        texts.append(
            f"{head}<br>{label}  <b>{amount}</b><br>"
            + " · ".join(f"{words(f'col.{name}')} {count[name]}" for name in ("open", "overdue", "new"))
        )
    return texts
