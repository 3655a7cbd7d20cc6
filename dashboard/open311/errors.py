"""Refusals in the standard's shape: 404 for what does not exist, 403 for a key, 400 for everything else."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from gis import errors

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; `code` stands in the body and may say more than the status."""

    status: int
    description: str
    code: int = 0

    def told(self) -> dict[str, object]:
        """Return the error as it is told."""
        return {"code": self.code or self.status, "description": self.description}


class Refusal(Exception):
    """A request that is not answered, with every reason."""

    def __init__(self, *faults: Fault, headers: dict[str, str] | None = None) -> None:
        super().__init__("; ".join(fault.description for fault in faults))
        self.faults = faults
        self.headers = headers or {}

    @property
    def status(self) -> int:
        """Status of the whole answer: a missing key before a missing thing before anything else."""
        return next((status for status in (403, 404) if any(one.status == status for one in self.faults)), 400)

    @property
    def body(self) -> list[dict[str, object]]:
        """The errors as they are told."""
        return [fault.told() for fault in self.faults]


def bad(description: str, code: int = 0) -> Refusal:
    """Return a refusal of a request that is wrong."""
    return Refusal(Fault(400, description, code))


def missing(description: str) -> Refusal:
    """Return a refusal because something does not exist."""
    return Refusal(Fault(404, description))


def refusal_of(fault: Exception) -> Refusal:
    """Return the refusal for any fault of the product; what is not known is logged and told as a general error."""
    if isinstance(fault, Refusal):
        return fault
    if isinstance(fault, (errors.AreaNotFound, errors.CaseNotFound)):
        return missing(str(fault))
    if isinstance(fault, errors.QueryTooSlow):
        return bad("the answer took too long: ask for a shorter time, or for a page of fewer requests", 503)
    if isinstance(fault, errors.DatabaseUnavailable):
        return Refusal(Fault(400, "the service is not available at the moment", 503), headers={"Retry-After": "10"})
    if isinstance(fault, errors.InputFault):
        return bad(str(fault))
    _log.error("an Open311 request failed", exc_info=fault)
    return bad("something went wrong in the server; its log tells what", 500)
