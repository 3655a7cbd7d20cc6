"""What a desk does with response chains: share cases between units, keep rules, switch them on and off."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from dashboard.api.desk import Signed
from dashboard.offload import offload
from dashboard.services import Services
from db.write import chains


class Share(Signed):
    """So many of the oldest open cases of one unit are supported by another one of its chain."""

    from_id: int = Field(ge=1)
    to_id: int = Field(ge=1)
    count: int = Field(ge=1, le=chains.MOST_SHARED)


class Rule(Signed):
    """A rule as it is to be kept: a new version, switched off."""

    name: str = Field(min_length=1, max_length=120)
    area_code: str = Field(pattern=r"^(\d{6}|\d{9}|\d{12}|\d{15})$")
    category: str = Field("", pattern=r"^([PES]\d{0,4})?$")
    time_band: str = "any"
    lead_chain: int = Field(ge=1, le=8)
    support_chains: list[int] = Field(default=[], max_length=7)
    replaces: int | None = None


class Switch(Signed):
    """Whether a rule is in force."""

    active: bool


def router(services: Services) -> APIRouter:
    """Return the routes below `/api/v1/chains`."""
    routes = APIRouter(prefix="/api/v1/chains", tags=["chains"])

    def _share(asked: Share) -> dict[str, Any]:
        with services.database.writing() as conn:
            numbers = chains.share_cases(conn, asked.from_id, asked.to_id, asked.count, asked.author, services.now(),
                                         asked.reason)  # fmt: skip
        return {"shared": len(numbers), "numbers": numbers}

    def _save(asked: Rule) -> dict[str, int]:
        rule = asked.model_dump(exclude={"actor", "unit", "reason"})
        with services.database.writing() as conn:
            return {"id": chains.save_rule(conn, rule, services.now())}

    def _switch(rule_id: int, asked: Switch) -> dict[str, int]:
        with services.database.writing() as conn:
            chains.switch_rule(conn, rule_id, asked.active, services.now())
        return {"id": rule_id}

    @routes.post("/share", status_code=201)
    async def share(asked: Share) -> dict[str, Any]:
        """Ask a neighbouring unit to help; each case keeps its lead and gets an event."""
        return await offload(_share, asked)

    @routes.post("/rules", status_code=201)
    async def save(asked: Rule) -> dict[str, int]:
        """Keep a rule or a new version of one; it stays off until it is switched on."""
        return await offload(_save, asked)

    @routes.post("/rules/{rule_id}/switch")
    async def switch(rule_id: int, asked: Switch) -> dict[str, int]:
        """Switch a rule on or off; the version that it replaces goes off with it."""
        return await offload(_switch, rule_id, asked)

    return routes
