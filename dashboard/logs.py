"""What the server writes to its log: one line an event, as text or JSON, with the id of the request it belongs to."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request that is being answered; '' outside of one."""

FORMATS = ("text", "json")
_TEXT = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"


class WithRequestId(logging.Filter):
    """Puts the id of the current request into every record, '-' outside of one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the field; nothing is dropped."""
        record.request_id = REQUEST_ID.get() or "-"
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, request_id, message, and fault where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["fault"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def log_config(level: str, form: str) -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`; uvicorn's own loggers write through it as well."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": WithRequestId}},
        "formatters": {"text": {"format": _TEXT}, "json": {"()": JsonLines}},
        "handlers": {
            "all": {"class": "logging.StreamHandler", "formatter": form, "filters": ["request"]},
        },
        "root": {"handlers": ["all"], "level": "WARNING"},
        "loggers": {
            name: {"handlers": ["all"], "level": level.upper(), "propagate": False}
            for name in ("dashboard", "db", "uvicorn", "uvicorn.error", "uvicorn.access")
        },
    }
