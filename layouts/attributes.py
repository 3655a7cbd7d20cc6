"""Attributes whose names are not Python names: `aria-label`, `data-kpi`."""

from __future__ import annotations

from typing import Any


def attributes(**named: str) -> dict[str, Any]:
    """Return `aria_label="x"` as `{"aria-label": "x"}`, to be passed on with `**`."""
    return {name.replace("_", "-"): value for name, value in named.items()}
