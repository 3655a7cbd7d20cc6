"""Reading times: many spellings, one zone, and the two hours a year that clocks repeat or skip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa


@dataclass(frozen=True)
class Times:
    """Aware UTC times of a column, and which rows deserve a word.

    Attributes
    ----------
    at
        UTC; NaT where missing or unreadable.
    unreadable
        Text was there but is no time.
    doubtful
        The local time happened twice (the first was taken) or not at all (moved forward).
    """

    at: pd.Series
    unreadable: np.ndarray
    doubtful: np.ndarray


def read_times(values: pd.Series, zone: str) -> Times:
    """Read local or zoned times: ISO 8601, a blank for the T, slashes for hyphens, seconds optional.

    Parameters
    ----------
    values
        Text, missing where the file has none.
    zone
        IANA zone of times that carry no offset.
    """
    naive, aware = _parse(values)
    present = naive.notna().to_numpy()
    first = naive.dt.tz_localize(zone, ambiguous=np.ones(len(naive), bool), nonexistent="shift_forward")
    second = naive.dt.tz_localize(zone, ambiguous=np.zeros(len(naive), bool), nonexistent="NaT")
    at = first.dt.tz_convert("UTC")
    doubtful = present & (first.ne(second).to_numpy())
    if aware is not None:
        at = at.fillna(aware)
    return Times(at, (values.notna() & at.isna()).to_numpy(), doubtful)


def _parse(values: pd.Series) -> tuple[pd.Series, pd.Series | None]:
    """Return naive times, and aware ones where an offset was written (None when there is none)."""
    try:  # the usual case, a column at a time without Python
        read = pa.array(values, pa.string(), from_pandas=True).cast(pa.timestamp("us"))
        return pd.Series(read.to_numpy(zero_copy_only=False), index=values.index), None
    except pa.ArrowInvalid:
        pass
    text = values.str.strip().str.replace("/", "-", regex=False)
    # a time of day without a leading zero, as spreadsheets write it
    text = text.str.replace(r"^(\d{4})-(\d)(?=-)", r"\1-0\2", regex=True)
    text = text.str.replace(r"^(\d{4}-\d\d)-(\d)(?!\d)", r"\1-0\2", regex=True)
    text = text.str.replace(r"^(\d{4}-\d\d-\d\d[ T])(\d):", r"\g<1>0\2:", regex=True)
    zoned = text.str.contains(r"\d(?:Z|[+-]\d\d:?\d\d)$", regex=True, na=False)
    naive = pd.to_datetime(text.mask(zoned), format="ISO8601", errors="coerce").astype("datetime64[us]")
    if not zoned.any():
        return naive, None
    aware = pd.to_datetime(text.where(zoned), format="ISO8601", errors="coerce", utc=True).astype("datetime64[us, UTC]")
    return naive, aware
