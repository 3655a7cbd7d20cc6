"""Reading tables: CSV (also inside a zip) and XLSX, in UTF-8, UTF-16 or GB18030, every value as text.

Nothing is guessed about values here: a code such as `001` stays three characters. A record that has too many or too few
fields is set aside with its text, never dropped in silence.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from gis.errors import InputFault

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".zip")
MAX_UNPACKED_BYTES = 4_000_000_000
"""Refuse to unpack more than this from a zip: a damaged or hostile archive must not fill the machine."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class TextTable:
    """A table as read: every value text or missing.

    Attributes
    ----------
    frame
        The rows that have the header's number of fields, by record number (the first after the header is 2).
    broken
        Record number and text of rows with another number of fields.
    encoding
        How the bytes were read: `utf-8`, `utf-8-sig`, `utf-16`, `gb18030` or `xlsx`.
    columns
        All column names of the file, also those not read.
    """

    frame: pd.DataFrame
    broken: dict[int, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    columns: tuple[str, ...] = ()


def read_table(path: Path, columns: Sequence[str] | None = None) -> TextTable:
    """Read a CSV, TSV, XLSX, or a zip that holds one CSV.

    Parameters
    ----------
    path
        The file.
    columns
        Read only these; names that the file lacks are left out (the caller says which it needs).

    Raises
    ------
    InputFault
        When the file is absent, empty, not a table, or in an unknown encoding.
    """
    raw, name = _content(path)
    if name.lower().endswith(".xlsx"):
        return _read_xlsx(raw, name, columns)
    text, encoding = as_utf8(raw, name)
    text = _without_preface(text)
    header = text[: text.find(b"\n") + 1 or None].decode("utf-8").strip("\r\n")
    if not header.strip():
        raise InputFault(f"{path.name} is empty")
    return _read_csv(text, name, header, encoding, columns)


def as_utf8(raw: bytes, name: str) -> tuple[bytes, str]:
    """Return the content as UTF-8 without a byte order mark, and the encoding it came in.

    A byte order mark decides; else UTF-8 when the bytes are valid UTF-8; else GB18030 (which contains GBK and GB2312).

    Raises
    ------
    InputFault
        When the bytes are none of these.
    """
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding).encode("utf-8"), encoding
    try:
        raw.decode("utf-8")
        return raw, "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("gb18030").encode("utf-8"), "gb18030"
    except UnicodeDecodeError:
        raise InputFault(f"{name} is neither UTF-8 nor GB18030 text") from None


def _content(path: Path) -> tuple[bytes, str]:
    """Return the bytes and the name of the table in the file, unpacking a zip."""
    if not path.is_file():
        raise InputFault(f"no such file: {path}")
    if path.stat().st_size == 0:
        raise InputFault(f"{path.name} is empty")
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise InputFault(f"{path.name} is not one of {', '.join(TABLE_SUFFIXES)}")
    if path.suffix.lower() != ".zip":
        return path.read_bytes(), path.name
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [item for item in archive.infolist() if item.filename.lower().endswith((".csv", ".tsv", ".txt"))]
            if len(inside) != 1:
                raise InputFault(f"{path.name} holds {len(inside)} CSV files; it must hold exactly one")
            if inside[0].file_size > MAX_UNPACKED_BYTES:
                raise InputFault(f"{path.name} unpacks to more than {MAX_UNPACKED_BYTES // 10**9} GB")
            return archive.read(inside[0]), inside[0].filename
    except zipfile.BadZipFile:
        raise InputFault(f"{path.name} is not a zip file") from None


def _without_preface(text: bytes) -> bytes:
    """Skip the lines that start with `#`, with which our own exports say where they come from."""
    while text.startswith(b"#"):
        text = text[text.find(b"\n") + 1 :] if b"\n" in text else b""
    return text


def _read_csv(text: bytes, name: str, header: str, encoding: str, columns: Sequence[str] | None) -> TextTable:
    delimiter = max(",;\t", key=header.count)
    names = [item.strip() for item in next(iter(_split(header, delimiter)), [])]
    twice = sorted({item for item in names if names.count(item) > 1})
    if twice:
        raise InputFault(f"{name} has the column {twice[0]!r} twice")
    wanted = names if columns is None else [item for item in names if item in set(columns)]
    broken: dict[int, str] = {}
    convert = pa_csv.ConvertOptions(
        column_types={item: pa.string() for item in wanted},
        include_columns=wanted,
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
        null_values=[""],
    )
    read = pa_csv.ReadOptions(column_names=names, skip_rows_after_names=1, use_threads=True, block_size=8 << 20)

    def run(threads: bool, note: dict[int, str]) -> pa.Table:
        def set_aside(row: pa_csv.InvalidRow) -> str:
            note[row.number if row.number is not None else -len(note) - 1] = row.text or ""
            return "skip"

        read.use_threads = threads
        parse = pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=set_aside)
        return pa_csv.read_csv(pa.BufferReader(text), read_options=read, parse_options=parse, convert_options=convert)

    try:
        table = run(True, broken)
        if broken:  # record numbers are only known to the single-threaded reader
            broken = {}
            table = run(False, broken)
    except pa.ArrowInvalid as fault:
        raise InputFault(f"{name} is not a table: {str(fault).splitlines()[0]}") from None
    if table.num_rows == 0 and not broken:
        raise InputFault(f"{name} has a header but no rows")
    frame = table.to_pandas(strings_to_categorical=False)
    numbers = np.arange(2, table.num_rows + len(broken) + 2)
    frame.index = pd.Index(np.setdiff1d(numbers, list(broken))[: len(frame)], name="row")
    return TextTable(frame, broken, encoding, tuple(names))


def _split(header: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader([header], delimiter=delimiter))


def _read_xlsx(raw: bytes, name: str, columns: Sequence[str] | None) -> TextTable:
    try:
        frame = pd.read_excel(io.BytesIO(raw), dtype=str, engine="openpyxl", keep_default_na=False, na_values=[""])
    except (ValueError, KeyError, OSError, zipfile.BadZipFile):
        raise InputFault(f"{name} is not an XLSX workbook") from None
    if frame.empty:
        raise InputFault(f"{name} has no rows in its first sheet")
    names = tuple(str(item).strip() for item in frame.columns)
    frame.columns = pd.Index(names)
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    kept = frame if columns is None else frame[[item for item in names if item in set(columns)]]
    return TextTable(kept, {}, "xlsx", names)
