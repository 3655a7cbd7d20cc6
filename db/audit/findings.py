"""What a check says when something is wrong or missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

_EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong (`fault`) or missing (`notice`); a fault makes the check fail."""

    weight: Literal["fault", "notice"]
    check: str
    count: int
    sentence: str
    examples: str = ""


def faults_of(check: str, subjects: Iterable[Any], sentence: str) -> Iterator[Finding]:
    """Yield a fault about the subjects, if there are any."""
    listed = list(subjects)
    if listed:
        yield Finding("fault", check, len(listed), sentence, examples_of(listed))


def examples_of(subjects: Iterable[Any]) -> str:
    """Return the first subjects in words."""
    listed = [str(item) for item in subjects if item]
    return ", ".join(listed[:_EXAMPLES]) + (" …" if len(listed) > _EXAMPLES else "")
