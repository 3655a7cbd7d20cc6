"""Profiles: how the columns of somebody's file become ours, as a small YAML file or as flags.

A field is described by one of::

    code: adcode                                  # a column
    code: "025025{Neighborhood_ID:0>3}"           # a template over columns, padded by format rules
    name_en: {constant: Boston}                   # the same for every row
    channel: {column: source, map: {Twitter: app}, otherwise: web}
    category: {column: type, map: {...}, otherwise: {column: reason, map: {...}, otherwise: E0199}}
    short_zh: {column: name, replace: ["社区居委会$", ""]}
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from gis.errors import InputFault

BUILT_IN = Path(__file__).parent / "profiles"
"""Profiles that come with the product; they are named without a folder."""

_SPEC_KEYS = {"column", "template", "constant", "map", "otherwise", "replace"}
_PROFILE_KEYS = {
    "about", "kind", "level", "crs", "layer", "grid", "district", "source", "feed", "attribution", "fields", "timezone",
}  # fmt: skip


@dataclass(frozen=True)
class FieldSpec:
    """How one of our columns is filled.

    Attributes
    ----------
    template
        Format string over the file's columns; a plain column is `{column}`. None for a constant.
    constant
        The value for every row when there is no template.
    values
        Value map from the file's words to ours; None means that words are taken as they are.
    otherwise
        What to do with words that the map lacks; None leaves them missing.
    replace
        Regular expression and its replacement, applied first.
    """

    template: str | None = None
    constant: str | None = None
    values: Mapping[str, str] | None = None
    otherwise: FieldSpec | None = None
    replace: tuple[str, str] | None = None

    @property
    def columns(self) -> set[str]:
        """The file's columns that this field reads."""
        own = {name for _, name, _, _ in string.Formatter().parse(self.template or "") if name}
        return own | (self.otherwise.columns if self.otherwise else set())


@dataclass(frozen=True)
class Profile:
    """A mapping and what else must be known to import a file.

    Attributes
    ----------
    fields
        By our column name.
    options
        Everything else: `level`, `crs`, `timezone`, `district` (code, names, time zone, metric_srid), `source`, ...
    """

    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> set[str]:
        """The file's columns that are read."""
        return set().union(*(spec.columns for spec in self.fields.values()))

    def with_flags(self, pairs: Iterable[str]) -> Profile:
        """Return the profile with `ours=theirs` flags laid over its fields.

        Raises
        ------
        InputFault
            When a flag has no equals sign.
        """
        fields = dict(self.fields)
        for pair in pairs:
            ours, sign, theirs = pair.partition("=")
            if not sign or not ours or not theirs:
                raise InputFault(f"--map {pair!r} is not of the form ours=theirs, for example code=adcode")
            fields[ours.strip()] = field_spec(ours, theirs.strip())
        return Profile(fields, self.options)


def load_profile(name: str) -> Profile:
    """Read a profile from a YAML file, or a built-in one by its name.

    Raises
    ------
    InputFault
        When there is no such file, or it is not a profile.
    """
    path = Path(name)
    if not path.is_file() and path.parent == Path("."):
        path = BUILT_IN / (path.name if path.suffix else path.name + ".yaml")
    if not path.is_file():
        known = ", ".join(sorted(item.stem for item in BUILT_IN.glob("*.yaml")))
        raise InputFault(f"no profile {name!r}; built in are {known}")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise InputFault(f"profile {path.name} is not YAML: {str(fault).splitlines()[0]}") from None
    if not isinstance(content, dict) or not isinstance(content.get("fields"), dict):
        raise InputFault(f"profile {path.name} has no `fields`")
    strange = sorted(set(content) - _PROFILE_KEYS)
    if strange:
        raise InputFault(f"profile {path.name} has the unknown entry {strange[0]!r}")
    fields = {ours: field_spec(ours, spec) for ours, spec in content["fields"].items()}
    return Profile(fields, {key: value for key, value in content.items() if key != "fields"})


def field_spec(ours: str, spec: Any) -> FieldSpec:
    """Return the description of one field out of what a profile or a flag says.

    Raises
    ------
    InputFault
        When it is none of the forms that the module describes.
    """
    if isinstance(spec, str):
        return FieldSpec(template=spec if "{" in spec else "{" + spec + "}")
    if not isinstance(spec, dict) or set(spec) - _SPEC_KEYS or not spec:
        raise InputFault(f"field {ours!r} of the profile is neither a column, a template, nor {sorted(_SPEC_KEYS)}")
    if "constant" in spec:
        return FieldSpec(constant=str(spec["constant"]))
    source = spec.get("template") or spec.get("column")
    if not isinstance(source, str):
        raise InputFault(f"field {ours!r} of the profile names no column")
    otherwise = spec.get("otherwise")
    replace = spec.get("replace")
    return FieldSpec(
        template=source if "{" in source else "{" + source + "}",
        values={str(key): str(value) for key, value in spec["map"].items()} if "map" in spec else None,
        otherwise=None
        if otherwise is None
        else (field_spec(ours, otherwise) if isinstance(otherwise, dict) else FieldSpec(constant=str(otherwise))),
        replace=(str(replace[0]), str(replace[1])) if replace else None,
    )


def guess_fields(columns: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, FieldSpec]:
    """Return a mapping for the columns whose names are well known.

    Parameters
    ----------
    columns
        The file's columns.
    names
        By our column: the names that such a column usually has, best first; case does not count.
    """
    lower = {column.lower(): column for column in columns}
    found = {}
    for ours, candidates in names.items():
        column = next((lower[name.lower()] for name in candidates if name.lower() in lower), None)
        if column is not None:
            found[ours] = FieldSpec(template="{" + column + "}")
    return found


def require_columns(name: str, available: Sequence[str], fields: Mapping[str, FieldSpec]) -> None:
    """Refuse a file that lacks columns which the mapping reads, naming all of them at once.

    Raises
    ------
    InputFault
        When any is missing.
    """
    needed = set().union(*(spec.columns for spec in fields.values())) if fields else set()
    absent = sorted(needed - set(available))
    if absent:
        listed = ", ".join(map(repr, absent))
        raise InputFault(f"{name} lacks the column(s) {listed}; it has {', '.join(map(str, available))}")


def fill(frame: pd.DataFrame, spec: FieldSpec) -> pd.Series:
    """Return one of our columns, as text with missing values, for the rows of a file."""
    if spec.template is None:
        return pd.Series(spec.constant, index=frame.index, dtype="str")
    values = _read(frame, spec.template)
    if spec.replace:
        values = values.str.replace(spec.replace[0], spec.replace[1], regex=True)
    if spec.values is None:
        return values
    # a value map works on the distinct words, of which there are few
    codes, words = pd.factorize(values)
    known = pd.Series(spec.values, dtype="str").reindex(words)
    mapped = pd.Series(known.to_numpy().take(codes), index=frame.index, dtype="str")
    mapped[codes < 0] = None
    missing = mapped.isna()
    if spec.otherwise is not None and missing.any():
        mapped = mapped.where(~missing, fill(frame, spec.otherwise))
    return mapped


def unmapped(frame: pd.DataFrame, spec: FieldSpec) -> pd.Series:
    """Return how often each word occurs that no value map of the field knows, most frequent first."""
    if spec.template is None or spec.values is None:
        return pd.Series(dtype=int)
    known, seen = pd.Series(False, index=frame.index), _read(frame, spec.template)
    step: FieldSpec | None = spec
    while step is not None and step.template is not None and step.values is not None:
        known |= _read(frame, step.template).isin(list(step.values))
        step = step.otherwise
    return seen[~known].fillna("").value_counts()


def _read(frame: pd.DataFrame, template: str) -> pd.Series:
    """Return the text of a column or template; missing where every column of it is missing."""
    plain = re.fullmatch(r"\{([^{}:!]+)\}", template)
    if plain:
        return _as_text(frame[plain.group(1)])
    names = sorted({name for _, name, _, _ in string.Formatter().parse(template) if name})
    texts = {name: _as_text(frame[name]) for name in names}
    empty = pd.concat(texts.values(), axis=1).isna().all(axis=1)
    columns = [texts[name].fillna("").tolist() for name in names]
    made = [template.format_map(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]
    return pd.Series(made, index=frame.index, dtype="str").mask(empty)


def _as_text(values: pd.Series) -> pd.Series:
    """Return any column as stripped text; whole numbers without a decimal point, blanks missing."""
    if values.dtype.kind == "f" and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text = values.astype("str") if values.dtype != "str" else values
    text = text.str.strip().str.replace("\x00", "", regex=False) if text.size else text
    return text.mask(values.isna() | (text == ""))
