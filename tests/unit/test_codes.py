"""Official area codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.codes import Level, ancestors, is_within, level_from_word, level_of, parent_code
from gis.errors import CodeFault

CELL = "110102013004007"
CODES = st.sampled_from(list(Level)).flatmap(lambda level: st.text("0123456789", min_size=level, max_size=level))


def test_cell_code_is_its_own_ancestry():
    assert ancestors(CELL) == ["110102", "110102013", "110102013004", CELL]
    assert parent_code(CELL) == "110102013004" and parent_code("110102") is None


def test_levels_have_words_parents_and_children():
    assert [level.word for level in Level] == ["district", "street", "community", "cell"]
    assert Level.DISTRICT.parent is None and Level.CELL.child is None
    assert level_from_word("street") is Level.STREET


@pytest.mark.parametrize("code", ["", "1101", "1101020130040070", "１１０１０２", " 110102", "11010²"])
def test_malformed_code_is_refused_and_quoted(code):
    with pytest.raises(CodeFault, match="is not 6, 9, 12 or 15 digits"):
        level_of(code)


def test_unknown_level_word_is_refused():
    with pytest.raises(CodeFault, match="parish"):
        level_from_word("parish")


@given(CODES)
def test_ancestors_nest_and_parents_lie_one_level_up(code):
    chain = ancestors(code)
    assert chain[-1] == code and [len(one) for one in chain] == [6, 9, 12, 15][: len(chain)]
    assert all(is_within(code, scope) for scope in chain)
    above = parent_code(code)
    assert above == (chain[-2] if len(chain) > 1 else None)
    assert above is None or level_of(above).child is level_of(code)


def test_sibling_is_not_within():
    assert not is_within("110102013005", "110102013004") and not is_within("110102", CELL)
