"""What an import has to say about rows: refused, flagged or repaired, with the reason, as a list that loses nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from gis.errors import InputFault

Severity = Literal["refused", "flagged", "note"]
"""refused = not taken in; flagged = taken in with a doubt or a repair; note = for information."""


@dataclass
class Findings:
    """A growing list of findings; `row` is the record or feature number in the file (0 = the file as a whole)."""

    items: list[pd.DataFrame] = field(default_factory=list)

    def add(
        self, severity: Severity, kind: str, reason: str, rows: Iterable[int] = (0,), subjects: object = ""
    ) -> None:
        """Note the same finding for any number of rows.

        Parameters
        ----------
        severity
            What became of the rows.
        kind
            A short machine word, for counting: `bad_code`, `duplicate`, `impossible_time`, ...
        reason
            One line a person understands; `{}` in it is replaced by the row's subject.
        rows
            Row numbers; nothing happens when there are none.
        subjects
            Code, id or value that each row is about; one for all, or as many as rows.
        """
        numbers = list(rows)
        if not numbers:
            return
        named = [subjects] * len(numbers) if isinstance(subjects, str) else list(subjects)  # type: ignore[call-overload]
        words = ["" if item is None or item is pd.NA or item != item else str(item) for item in named]
        self.items.append(
            pd.DataFrame(
                {
                    "row": numbers,
                    "severity": severity,
                    "kind": kind,
                    "subject": words,
                    "reason": [reason.replace("{}", word) for word in words],
                }
            )
        )

    @property
    def frame(self) -> pd.DataFrame:
        """All findings by row: [row, severity, kind, subject, reason]."""
        if not self.items:
            return pd.DataFrame({name: [] for name in ("row", "severity", "kind", "subject", "reason")})
        return pd.concat(self.items, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)

    def count(self, severity: Severity) -> int:
        """Return how many rows have a finding of this severity."""
        found = self.frame
        return int(found.loc[found["severity"] == severity, "row"].nunique())

    def kinds(self) -> pd.DataFrame:
        """Return one line per kind: [severity, kind, count, first_row, example], refused first."""
        found = self.frame
        if found.empty:
            return pd.DataFrame({name: [] for name in ("severity", "kind", "count", "first_row", "example")})
        grouped = found.groupby(["severity", "kind"], sort=False, as_index=False).agg(
            count=("row", "size"), first_row=("row", "first"), example=("reason", "first")
        )
        order = grouped["severity"].map({"refused": 0, "flagged": 1, "note": 2})
        return grouped.assign(order=order).sort_values("order", kind="stable").drop(columns="order")

    def write_csv(self, path: Path, originals: pd.DataFrame | None = None) -> None:
        """Write the findings, with the file's own columns of each row beside them, as CSV that spreadsheets open.

        Parameters
        ----------
        path
            The file to write; its folder is made.
        originals
            The file's rows, indexed by row number.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        table = self.frame
        if originals is not None and not table.empty:
            beside = originals.reindex(table["row"]).reset_index(drop=True)
            beside.columns = pd.Index([f"file.{name}" for name in beside.columns])
            table = pd.concat([table, beside], axis=1)
        table.to_csv(path, index=False, encoding="utf-8-sig")


class ImportRefused(InputFault):
    """A file whose rows cannot be taken in; nothing was written, and `findings` says why row by row."""

    def __init__(self, message: str, findings: Findings) -> None:
        super().__init__(message)
        self.findings = findings


def refuse_if_bad(name: str, total: int, findings: Findings) -> None:
    """Raise when any row is refused, for imports that are whole or not at all.

    Raises
    ------
    ImportRefused
        With the number of refused rows and the first reason.
    """
    bad = findings.count("refused")
    if bad:
        first = findings.frame.query("severity == 'refused'").iloc[0]
        at = f" (feature {first.row})" if first.row else ""
        raise ImportRefused(f"{name}: {bad} of {total} features refused; first{at}: {first.reason}", findings)
