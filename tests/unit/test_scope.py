"""The address of a screen: reading it and writing it are each other's inverse."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.codes import Level
from gis.errors import CodeFault
from gis.scope import BANDWIDTHS_M, CUSTOM, LAYERS, MEASURES, PAGES, TABS, WINDOWS_H, View
from gis.terms import CHAINS, CHANNELS, FAMILIES, GROUPS, STAGES

CODES = st.sampled_from(["", "110102", "110102017", "110102017018", "110102017018003"])


def some(words: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(words)).map(lambda chosen: tuple(w for w in words if w in chosen))


VIEWS = st.builds(
    View,
    code=CODES,
    window=st.sampled_from(tuple(WINDOWS_H)),
    measure=st.sampled_from(MEASURES),
    unit=st.sampled_from([None, Level.STREET, Level.COMMUNITY, Level.CELL]),
    families=some(FAMILIES),
    channels=some(CHANNELS),
    urgent_only=st.booleans(),
    overdue_only=st.booleans(),
    categories=some(("E0101", "S0101")),
    groups=some(GROUPS),
    chains=st.sets(st.sampled_from(CHAINS)).map(lambda chosen: tuple(sorted(chosen))),
    stages=some(STAGES),
    bandwidth_m=st.sampled_from(BANDWIDTHS_M),
    layers=some(LAYERS),
    tab=st.sampled_from(TABS),
    lang=st.sampled_from(["", "zh", "en"]),
    theme=st.sampled_from(["", "dark", "light"]),
    camera=st.sampled_from([None, (116.36621, 39.91255, 12.34), (-71.05873, 42.35941, 9.0)]),
)


@given(VIEWS)
def test_a_view_comes_back_whole_from_its_own_address(view: View) -> None:
    parts = urlsplit(view.url)
    assert View.from_url(parts.path, "?" + parts.query) == view


def test_a_window_from_one_moment_to_another_stands_in_the_address() -> None:
    view = View.from_url("/", "?from=20260519T0800Z&to=20260519T1130Z&w=7d")
    assert view.window == CUSTOM and view.url == "/?from=20260519T0800Z&to=20260519T1130Z"
    now = datetime(2026, 5, 19, 10, 0, tzinfo=UTC)
    assert view.starts_at(now) == datetime(2026, 5, 19, 8, 0, tzinfo=UTC)
    assert view.ends_at(now) == now, "a window never ends after the moment of the picture"


@pytest.mark.parametrize("query", ["?from=x&to=y", "?from=20260519T1130Z&to=20260519T0800Z", "?to=20260519T0800Z",
                                   "?from=20200101T0000Z&to=20260101T0000Z"])  # fmt: skip
def test_what_is_no_window_means_a_day(query: str) -> None:
    assert View.from_url("/", query) == View()


def test_defaults_leave_the_address_short() -> None:
    assert View().url == "/"
    assert View(code="110102017").url == "/area/110102017"


@pytest.mark.parametrize("path", ["/area/12", "/area/abc", "/nowhere", "/case/", "/area/11010201A", "/case/a%20b/c"])
def test_an_address_that_names_nothing_is_refused(path: str) -> None:
    with pytest.raises(CodeFault):
        View.from_url(path, "")


@given(
    st.sampled_from(PAGES),
    CODES,
    st.dictionaries(st.sampled_from(["kind", "minutes", "profile", "q", "a1"]), st.text(min_size=1, max_size=40)),
)
def test_what_only_one_page_knows_stays_in_its_address(page: str, code: str, own: dict[str, str]) -> None:
    view = View(page=page, code=code).with_own(**own)
    parts = urlsplit(view.url)
    assert View.from_url(parts.path, "?" + parts.query) == view
    assert view.on("map").own == ()


def test_unknown_parameters_are_ignored_not_obeyed() -> None:
    view = View.from_url("/", "?w=5y&m=evil&f=part,drop&v=999,99,9&tab=<b>&lang=fr")
    assert view == View(families=("part",))


def test_going_up_ends_at_the_district() -> None:
    up = []
    view: View | None = View(code="110102017018003")
    while view is not None:
        up.append(view.code)
        view = view.parent
    assert up == ["110102017018003", "110102017018", "110102017", "110102"]
