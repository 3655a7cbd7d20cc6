"""What the API takes in: checked, bounded, and described in its OpenAPI page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from gis.terms import CHANNELS
from gis.workflow import MOVE_WORDS

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(1990, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))]


class Strict(BaseModel):
    """What every body is: without unknown fields and without NUL."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def no_nul(cls, value: object) -> object:
        """PostgreSQL text can not hold NUL, so it is refused at the door."""
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("must not contain NUL")
        return value


class CaseReport(Strict):
    """One case as a source reports it. (`source`, `external_id`) makes a replay harmless."""

    source: Short = Field(examples=["hotline"])
    external_id: Short | None = Field(None, examples=["2026-000123"], description="or the header Idempotency-Key")
    channel: Literal[*CHANNELS] = Field(examples=["hotline"])  # type: ignore[valid-type]
    category: Short = Field(examples=["E0102"], description="code of the category tree")
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    place: Text = ""
    lon: float | None = Field(None, ge=-180, le=180, description="degrees in `crs`")
    lat: float | None = Field(None, ge=-90, le=90, description="degrees in `crs`")
    crs: Literal["EPSG:4326", "GCJ-02", "BD-09"] = "EPSG:4326"
    reported_at: Moment | None = None
    urgency: int = Field(3, ge=1, le=3)
    population_group: Text = ""
    street_code: Annotated[str, StringConstraints(pattern=r"^\d{9}$")] | None = None
    district_code: Annotated[str, StringConstraints(pattern=r"^\d{6}$")] | None = None
    location_status: Literal["cross_street"] | None = None
    actor: Text = ""


class CaseStep(Strict):
    """One step of a case."""

    stage: Short = Field(
        examples=["accepted"], description="the stage to enter, or another move: " + ", ".join(MOVE_WORDS)
    )
    at: Moment | None = None
    actor: Text = ""
    unit: Text = ""
    reason: Text = Field("", description="needed to make void, return, hang, postpone, or send back for rework")
    due_at: Moment | None = Field(None, description="the new deadline, with `postponed` only")
    work_days: int | None = Field(
        None, ge=1, le=60, description="with `postponed`, instead of due_at: so many working days more"
    )
    condition: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = Field(
        "", description="filing condition of the small class, with `filed` only: its limit becomes the case's"
    )


class CaseReceipt(BaseModel):
    """What a source gets back."""

    number: str
    created: bool
    received_at: datetime
