"""Service-level rules: how long a stage or a handling may take, by small class, filing condition and stage.

A rule of a small class goes before one of every class (`*`). In a stage a case has the rule without a condition. For
its handling (`handled`) the rule without a condition gives the deadline of the case, and every named condition of its
small class a deadline of its own beside it. An order of the hotline has one natural clock more (`hotline`): the rule of
the condition `urgent` when it is urgent, otherwise that of its small class or of every class.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gis.errors import InputFault
from gis.terms import OPEN_STAGES
from gis.worktime import LIMIT_UNITS

ANY_CLASS = "*"
RULE_STAGES = (*OPEN_STAGES, "handled", "hotline")
RULE_COLUMNS = ("category", "condition", "stage", "quantity", "unit", "source")

_MOST = {"urgent_hour": 24 * 365, "work_hour": 8 * 250, "work_day": 250, "natural_day": 365}
"""A longer limit is a slip of the pen, and would leave the duty calendar."""


@dataclass(frozen=True)
class Rule:
    """One rule: so many units for a stage of the cases of a small class, under a condition ('' = always)."""

    category: str
    condition: str
    stage: str
    quantity: float
    unit: str


@dataclass(frozen=True)
class Rules:
    """The rules in force."""

    listed: tuple[Rule, ...]

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Rules:
        """Return the rules as one object."""
        return cls(tuple(rules))

    @cached_property
    def _by_key(self) -> dict[tuple[str, str, str], Rule]:
        return {(rule.category, rule.condition, rule.stage): rule for rule in self.listed}

    def one(self, category: str, stage: str, condition: str = "") -> Rule | None:
        """Return the rule of a small class, or that of every class, or None."""
        return self._by_key.get((category, condition, stage)) or self._by_key.get((ANY_CLASS, condition, stage))

    def conditions(self, category: str) -> tuple[Rule, ...]:
        """Return the handling rules of a small class that have a named condition, in their order."""
        return tuple(r for r in self.listed if r.category == category and r.stage == "handled" and r.condition)

    def of_stays(self, category: np.ndarray, stage: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return quantity (NaN = none) and unit of the rule of each stay."""
        codes, pairs = pd.factorize(pd.MultiIndex.from_arrays([category, stage]))
        found = [self.one(str(kind), str(word)) for kind, word in pairs]
        return _parts(found, codes)

    def of_spans(
        self, category: np.ndarray, channel: np.ndarray, urgency: np.ndarray
    ) -> list[tuple[int, str, str, float, str]]:
        """Return for the position of each case: stage, condition, quantity and unit of its spanning clocks."""
        told: list[tuple[int, str, str, float, str]] = []
        codes, kinds = pd.factorize(np.asarray(category, dtype=object))
        hotline = np.asarray(channel, dtype=object) == "hotline"
        for code, kind in enumerate(kinds):
            rows = np.flatnonzero(codes == code)
            own = self.one(str(kind), "handled")
            spans = [("", own)] if own else []
            spans += [(rule.condition, rule) for rule in self.conditions(str(kind))]
            for condition, rule in spans:
                told += [(int(row), "handled", condition, rule.quantity, rule.unit) for row in rows]
            for row in rows[hotline[rows]]:
                natural = self.hotline(str(kind), int(urgency[row]))
                if natural is not None:
                    told.append((int(row), "hotline", natural.condition, natural.quantity, natural.unit))
        return told

    def hotline(self, category: str, urgency: int) -> Rule | None:
        """Return the natural clock of an order of the hotline."""
        urgent = self.one(category, "hotline", "urgent") if urgency == 1 else None
        return urgent or self.one(category, "hotline")


def checked_rules(rows: pd.DataFrame, categories: Iterable[str]) -> list[dict[str, object]]:
    """Return rules of a table that a person has edited, or all of its faults at once.

    Parameters
    ----------
    rows
        `RULE_COLUMNS` as text.
    categories
        Codes of the category tree.

    Raises
    ------
    InputFault
        Naming every line that is wrong and why; nothing of the table may then be used.
    """
    absent = [name for name in RULE_COLUMNS[:5] if name not in rows.columns]
    if absent:
        raise InputFault(f"the table of rules lacks the columns {', '.join(absent)}")
    known, faults, seen, told = {*categories, ANY_CLASS}, [], set(), []
    for line, row in enumerate(rows.fillna("").to_dict("records"), 2):
        given = {str(name): str(row.get(name, "")).strip() for name in RULE_COLUMNS}
        key = (given["category"], given["condition"], given["stage"])
        wrong = [
            f"category {given['category']!r} is not in the category tree" if given["category"] not in known else "",
            f"stage {given['stage']!r} is not one of {', '.join(RULE_STAGES)}" if given["stage"] not in RULE_STAGES
            else "",
            f"unit {given['unit']!r} is not one of {', '.join(LIMIT_UNITS)}" if given["unit"] not in LIMIT_UNITS
            else "",
            "there are two rules of this class, condition and stage" if key in seen else "",
            _quantity_fault(given["quantity"], given["unit"]),
        ]  # fmt: skip
        seen.add(key)
        faults += [f"line {line}: {word}" for word in wrong if word]
        if not any(wrong):
            told.append({**given, "quantity": float(given["quantity"])})
    if faults:
        raise InputFault("; ".join(faults[:20]) + (f"; and {len(faults) - 20} more" if len(faults) > 20 else ""))
    return told


def _quantity_fault(given: str, unit: str) -> str:
    try:
        quantity = float(given)
    except ValueError:
        return f"quantity {given!r} is not a number"
    if not 0 < quantity <= _MOST.get(unit, 365):
        return f"quantity {given} is not above 0 and at most {_MOST.get(unit, 365)} {unit}"
    return ""


def _parts(found: list[Rule | None], codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    quantity = np.array([rule.quantity if rule else np.nan for rule in found], dtype=float)
    unit = np.array([rule.unit if rule else "" for rule in found], dtype=object)
    if not len(codes):
        return np.empty(0), np.empty(0, dtype=object)
    return quantity[codes], unit[codes]
