"""The dictionary of measures and what they come to, with the cases behind every number."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from dashboard import measuring
from dashboard.api.paging import Page, page_of
from dashboard.offload import offload
from dashboard.services import Services
from db.read import kpi as read
from gis.codes import level_of
from gis.kpi import KPIS, STANDING, Measure
from gis.scope import View
from gis.terms import CHANNELS, FAMILIES
from layouts.text import words_for
from layouts.text.kpi import PARTS

Family = Literal[*FAMILIES]  # type: ignore[valid-type]
Channel = Literal[*CHANNELS]  # type: ignore[valid-type]
_Area = Annotated[str, Query(pattern=r"^(\d{6}|\d{9}|\d{12}|\d{15})?$", description="code; the district unless told")]
_From = Annotated[AwareDatetime | None, Query(alias="from", description="30 days before `to` unless told")]
_To = Annotated[AwareDatetime | None, Query(alias="to", description="now unless told")]


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1/kpi`."""
    routes = APIRouter(prefix="/api/v1/kpi", tags=["kpi"])

    def _period(area: str, start: datetime | None, end: datetime | None, family: str, channel: str) -> read.Period:
        if area:
            level_of(area)
        view = View(
            code=area, window="30d", families=(family,) if family else (), channels=(channel,) if channel else ()
        )
        return measuring.period_of(services, view, start, end)

    def _all(period: read.Period) -> dict[str, Any]:
        told = measuring.report(services, period)
        return {
            "area": period.code, "from": period.start.isoformat(), "to": period.end.isoformat(),
            "measures": [
                {
                    "key": kpi.key, "kind": kpi.kind, "better": kpi.better, "is_standing": kpi.key in STANDING,
                    "whole": _told(told.whole[kpi.key, ""]),
                    "families": {family: _told(told.whole[kpi.key, family]) for family in FAMILIES},
                    "before": _told(told.before[kpi.key]) if kpi.key in told.before else None,
                }
                for kpi in KPIS
            ],
            "on_hold": told.on_hold,
        }  # fmt: skip

    def _cases(period: read.Period, measure: str, part: str, page: Page) -> dict[str, Any]:
        with services.database.reading() as conn:
            total, rows = read.behind(
                conn, period, measuring.kpi_of(measure), part, limit=page.limit, offset=page.offset
            )
        return page_of(rows, total, page)

    @routes.get("")
    async def measures(
        area: _Area = "", start: _From = None, end: _To = None, family: Family | None = None,
        channel: Channel | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Return every measure of an area and a period, whole and by family, with intervals and the period before."""
        return await offload(lambda: _all(_period(area, start, end, family or "", channel or "")))

    @routes.get("/dictionary")
    async def dictionary(lang: Literal["zh", "en"] = "zh") -> list[dict[str, str]]:
        """Return the dictionary: name, formula, numerator, denominator, exclusions and source of every measure."""
        words = words_for(lang)
        return [{"key": kpi.key} | {part: words(f"indicator.{kpi.key}.{part}") for part in PARTS} for kpi in KPIS]

    @routes.get("/{measure}/cases")
    async def cases_behind(
        measure: str, part: Literal["num", "den"] = "num", area: _Area = "", start: _From = None, end: _To = None,
        family: Family | None = None, channel: Channel | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> dict[str, Any]:  # fmt: skip
        """List the cases behind a measure's numerator or denominator; `total` is the number itself."""
        page = Page(limit, offset)
        return await offload(
            lambda: _cases(_period(area, start, end, family or "", channel or ""), measure, part, page)
        )

    return routes


def _told(measure: Measure) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in vars(measure).items()
    }
