"""Place names as people type and shorten them."""

import pytest

from gis import pinyin


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("什刹海", "shichahai"),
        ("大栅栏", "dashilan"),
        ("大栅栏西街", "dashilanxijie"),
        ("广安门内", "guanganmennei"),
        ("西长安街", "xichanganjie"),
        ("椿树", "chunshu"),
        ("长椿街西", "changchunjiexi"),
        ("西什库", "xishiku"),
        ("安平巷", "anpingxiang"),
        ("白纸坊", "baizhifang"),
        ("复兴门外大街甲7号院", "fuxingmenwaidajiejia7haoyuan"),
    ],
)
def test_local_reading_of_a_name(name, reading):
    assert pinyin.pinyin(name) == reading


@pytest.mark.parametrize(("name", "letters"), [("什刹海", "sch"), ("西长安街", "xcaj"), ("红居街24号", "hjj24h")])
def test_initials_of_a_name(name, letters):
    assert pinyin.initials(name) == letters


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("校场社区居委会", "校场"),
        ("六铺炕南小街居委会", "六铺炕南小街"),
        ("铁道部住宅区第二、一社区居委会", "铁道部住宅区第二、一"),
        ("金融街街道", "金融街"),
        ("牛街街道办事处", "牛街"),
        ("西长安街", "西长安街"),
        ("街道", "街道"),
    ],
)
def test_short_name_drops_only_the_administrative_ending(name, short):
    assert pinyin.short_name(name) == short


def test_english_name_separates_vowels_with_an_apostrophe():
    assert pinyin.romanise("广安门") == "Guang'anmen"
    assert pinyin.romanise("德胜") == "Desheng"


def test_place_is_also_spelt_the_way_its_characters_are_read_elsewhere():
    assert pinyin.spellings("校场") == "jiaochang xiaochang"
    assert pinyin.spellings("大栅栏").startswith("dashilan ")
    assert pinyin.spellings("德胜") == "desheng"


def test_signs_have_no_reading():
    assert pinyin.pinyin("铁道部住宅区第二、一") == "tiedaobuzhuzhaiqudieryi"
    assert pinyin.pinyin("") == "" and pinyin.initials("、") == ""


def test_every_local_reading_has_one_syllable_per_character():
    assert {name: len(name) for name in pinyin.READINGS} == {n: len(r) for n, r in pinyin.READINGS.items()}
