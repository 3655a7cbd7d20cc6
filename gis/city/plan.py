"""What stands where in the demo district: main roads, water, parks, the railway and the kind of each neighbourhood.

Places are words: a corner of `gis.city.skeleton`, or `x,y` in kilometres east and north of the plan's origin. They are
drawn from the order in which well-known roads and lakes lie, not from a map; names are facts, shapes are schematic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.city.skeleton import CORNERS, origin_xy

BLOCK_KINDS = ("hutong", "slab", "tower", "office", "institution", "commercial", "green", "water", "rail")
"""What a block is: courtyards along alleys, walled compounds of slabs or towers, offices, large institutions, shops,
parks, lakes and rivers, railway land."""

ROADS: tuple[tuple[str, str, str], ...] = (
    ("arterial", "复兴门外大街", "o8 -1.0,0.17 w4"),
    ("arterial", "复兴门内大街", "w4 0.8,0.18 m4"),
    ("arterial", "西长安街", "m4 2.5,0.17 e6"),
    ("arterial", "平安里西大街", "w1 0.8,3.0 m1"),
    ("arterial", "地安门西大街", "m1 2.4,3.02 e3"),
    ("arterial", "车公庄大街", "o5 -1.1,3.02 w1"),
    ("arterial", "阜成门外大街", "o6 -1.0,2.08 w2"),
    ("arterial", "西直门外大街", "-2.3,3.68 -1.1,3.80 r0"),
    ("arterial", "西直门内大街", "r0 0.85,3.93 1.66,3.92"),
    ("arterial", "德胜门外大街", "2.00,4.72 2.04,5.7 2.02,6.96"),
    ("arterial", "北三环中路", "1.16,6.52 2.0,6.60 2.8,6.58 3.42,6.52"),
    ("arterial", "长椿街", "0.70,-0.55 0.66,-1.1 g1"),
    ("arterial", "牛街", "g1 g2"),
    ("arterial", "右安门内大街", "g2 0.66,-3.2 s1"),
    ("arterial", "广安门外大街", "w8 -1.5,-1.80 -2.6,-1.86 -3.5,-1.87"),
    ("street", "黄寺大街", "1.1,5.74 2.0,5.70 3.5,5.76"),
    ("street", "安德路", "1.3,5.24 2.0,5.26 3.5,5.22"),
    ("street", "裕中路", "1.2,6.18 2.0,6.20 2.7,6.16"),
    ("street", "鼓楼西大街", "2.02,4.70 2.46,4.46 2.92,4.16 3.36,3.80"),
    ("street", "德胜门内大街", "1.99,4.76 2.06,4.1 2.10,3.02"),
    ("street", "地安门内大街", "e1 3.32,3.0 3.30,1.86"),
    ("street", "西什库大街", "2.12,3.02 2.10,1.74"),
    ("street", "府右街", "2.50,0.17 2.52,1.0 2.50,1.78"),
    ("street", "北新华街", "2.50,0.17 2.48,-0.62"),
    ("street", "灵境胡同", "1.64,0.95 2.52,0.97"),
    ("street", "太平桥大街", "0.80,-0.58 0.78,0.18 0.80,2.02"),
    ("street", "赵登禹路", "0.80,2.02 0.82,3.0 0.84,3.93"),
    ("street", "金融大街", "0.42,0.17 0.42,2.02"),
    ("street", "武定侯街", "0.10,1.10 0.80,1.12 1.66,1.08"),
    ("street", "新文化街", "0.10,-0.22 1.66,-0.20"),
    ("street", "新街口北大街", "0.84,3.93 0.88,4.72"),
    ("street", "西四北大街", "0.1,2.5 1.66,2.52"),
    ("street", "南礼士路", "-0.66,-0.98 -0.68,0.17 -0.66,1.34"),
    ("street", "展览馆路", "-0.66,1.34 -0.70,2.06 -0.72,3.80"),
    ("street", "三里河东路", "-1.36,-0.95 -1.38,0.17 -1.36,1.34"),
    ("street", "百万庄大街", "-2.1,2.52 -0.7,2.55 0.12,2.52"),
    ("street", "德宝路", "-0.62,3.80 -0.60,5.05"),
    ("street", "月坛南街", "-2.1,0.76 -0.66,0.78 0.12,0.75"),
    ("street", "真武庙路", "-2.2,-0.42 -0.66,-0.40 0.12,-0.38"),
    ("street", "槐柏树街", "-0.46,-1.18 0.66,-1.16 1.68,-1.17"),
    ("street", "永光西街", "2.08,-0.58 2.10,-1.80"),
    ("street", "煤市街", "3.20,-0.62 3.22,-1.80"),
    ("street", "大栅栏西街", "2.50,-1.28 2.86,-1.16 3.22,-1.12 3.6,-1.12"),
    ("street", "永安路", "2.62,-2.24 3.65,-2.26"),
    ("street", "北纬路", "2.62,-2.80 3.65,-2.84"),
    ("street", "黑窑厂街", "2.16,-1.78 2.16,-2.92"),
    ("street", "陶然亭路", "1.70,-2.90 2.66,-2.90"),
    ("street", "白纸坊街", "w10 0.66,-3.06 m9"),
    ("street", "右安门西街", "-0.5,-3.56 0.68,-3.58 1.76,-3.56"),
    ("street", "马连道路", "-2.40,-1.84 -2.16,-2.5 -1.72,-3.8"),
    ("street", "手帕口街", "-1.20,-0.95 -1.18,-2.4 -1.16,-4.0"),
    ("street", "红莲南路", "-2.4,-2.56 -1.2,-2.58 w9"),
    ("street", "广安路", "-2.7,-1.36 -1.2,-1.34 -0.4,-1.36"),
    ("street", "三路居路", "-1.95,-3.26 -1.2,-3.24 w10"),
)
"""Roads inside the streets: class, name, path. Border roads are in `gis.city.skeleton`."""

WATER: tuple[tuple[str, str, str], ...] = (
    ("lake", "西海", "1.72,4.40 1.80,4.58 1.96,4.56 1.98,4.36 1.86,4.28"),
    ("lake", "后海", "2.12,4.14 2.22,4.28 2.40,4.22 2.56,4.06 2.76,3.92 2.84,3.76 2.74,3.68 2.58,3.82 2.36,3.98"),
    ("lake", "前海", "2.86,3.62 2.98,3.70 3.06,3.50 3.10,3.26 3.00,3.12 2.86,3.22 2.84,3.42"),
    ("lake", "北海", "2.72,2.78 2.92,2.88 3.06,2.70 3.08,2.40 3.00,2.08 2.84,1.98 2.74,2.16 2.80,2.44"),
    ("lake", "中海", "2.80,1.56 2.98,1.58 3.06,1.30 3.02,1.04 2.84,1.02 2.78,1.28"),
    ("lake", "南海", "2.80,0.84 2.98,0.88 3.10,0.70 3.02,0.48 2.84,0.46 2.74,0.62"),
    ("lake", "陶然湖", "2.00,-3.16 2.18,-3.10 2.34,-3.20 2.46,-3.42 2.36,-3.60 2.22,-3.46 2.08,-3.52 1.94,-3.34"),
    ("lake", "人定湖", "2.50,6.02 2.62,6.04 2.68,5.96 2.60,5.88 2.50,5.92"),
    ("lake", "青年湖", "-1.10,-2.84 -1.00,-2.82 -0.95,-2.90 -1.00,-2.98 -1.10,-2.95"),
)
RIVERS: tuple[tuple[str, str, float], ...] = (
    ("北护城河", "1.1,5.04 1.9,4.94 2.8,4.92 3.6,4.95", 26.0),
    (
        "西护城河",
        "-0.62,-0.90 -0.62,-2.0 -0.63,-3.0 -0.58,-3.66 -0.1,-3.84 0.8,-3.92 1.76,-3.89 2.7,-3.90 3.7,-3.86",
        28.0,
    ),
    ("莲花河", "-2.9,-1.50 -2.52,-2.02 -2.10,-2.34 -1.72,-2.86 -1.2,-3.06 -0.62,-3.10", 22.0),
    ("转河", "-2.4,3.96 -1.4,4.02 -0.9,4.32 -0.3,4.52 0.6,4.50", 22.0),
)
"""Name, path, width in metres."""

PARKS: tuple[tuple[str, str, str], ...] = (
    ("park", "陶然亭公园", "1.88,-2.98 2.54,-2.98 2.54,-3.72 1.88,-3.70"),
    ("park", "北海公园", "2.60,2.94 3.18,2.94 3.18,1.86 2.62,1.88"),
    ("grounds", "", "2.60,1.66 3.28,1.68 3.28,0.36 2.60,0.34"),
    ("park", "人定湖公园", "2.40,6.10 2.80,6.10 2.80,5.84 2.40,5.82"),
    ("park", "北京动物园", "-2.16,3.92 -1.50,3.98 -1.50,3.74 -2.2,3.70"),
    ("park", "月坛公园", "-0.52,1.24 -0.12,1.24 -0.12,0.92 -0.52,0.92"),
    ("park", "万寿公园", "0.80,-2.72 1.16,-2.72 1.16,-2.94 0.80,-2.94"),
    ("park", "宣武艺园", "0.14,-0.82 0.44,-0.82 0.44,-1.06 0.14,-1.06"),
    ("park", "双秀公园", "1.42,6.40 1.72,6.42 1.72,6.26 1.42,6.26"),
    ("park", "先农坛", "3.06,-2.98 3.44,-2.98 3.44,-3.60 3.06,-3.58"),
    ("park", "大观园", "0.06,-3.62 0.42,-3.62 0.42,-3.84 0.06,-3.82"),
    ("park", "青年湖公园", "-1.17,-2.79 -0.91,-2.79 -0.91,-3.01 -1.17,-3.01"),
    ("park", "官园公园", "0.22,2.92 0.44,2.92 0.44,2.72 0.22,2.72"),
    ("park", "玉桃园绿地", "0.30,4.24 0.56,4.26 0.56,4.06 0.30,4.06"),
    ("park", "莲花河绿地", "-2.02,-2.02 -1.78,-2.02 -1.78,-2.22 -2.02,-2.22"),
    ("park", "顺城公园", "0.14,1.96 0.30,1.96 0.30,1.50 0.14,1.50"),
)
"""Class (a park is open to all, grounds are not), name, outline."""

RAILWAYS: tuple[tuple[str, str], ...] = (
    (
        "京沪铁路",
        "-3.0,-1.12 -2.0,-1.14 -1.1,-1.14 -0.90,-1.30 -0.84,-1.7 -0.84,-2.6 -0.74,-3.4"
        " -0.5,-3.72 0.2,-3.74 1.0,-3.76 1.9,-3.79 2.7,-3.80 3.7,-3.78",
    ),
    ("马连道货场线", "-0.84,-2.40 -0.95,-2.70 -1.5,-2.76 -2.3,-2.70"),
)  # fmt: skip
RAIL_WIDTH_M = 18.0

METRO_STATIONS: tuple[tuple[str, str], ...] = (
    ("复兴门", "0.14,0.18"), ("西单", "1.62,0.19"), ("南礼士路", "-0.64,0.18"), ("木樨地", "-1.62,0.18"),
    ("阜成门", "0.14,2.0"), ("车公庄", "0.12,2.97"), ("西直门", "0.06,3.9"), ("积水潭", "1.60,4.76"),
    ("鼓楼大街", "3.30,4.74"), ("宣武门", "1.66,-0.58"), ("长椿街", "0.72,-0.60"), ("和平门", "2.48,-0.60"),
    ("前门", "3.46,-0.64"), ("西四", "1.62,2.02"), ("平安里", "1.63,2.98"), ("新街口", "1.64,3.9"),
    ("灵境胡同", "1.64,0.95"), ("菜市口", "1.68,-1.78"), ("陶然亭", "1.72,-2.92"), ("虎坊桥", "2.54,-1.78"),
    ("珠市口", "3.50,-1.78"), ("广安门内", "0.66,-1.78"), ("达官营", "-1.20,-1.80"), ("湾子", "-2.20,-1.83"),
    ("白石桥南", "-2.1,2.98"), ("国家图书馆", "-2.1,3.68"), ("动物园", "-1.1,3.78"), ("北海北", "2.9,3.0"),
    ("什刹海", "3.30,3.6"), ("马连道", "-2.0,-2.6"), ("牛街", "0.66,-2.44"), ("太平桥", "0.80,1.1"),
)  # fmt: skip

QUARTERS: dict[str, str] = {
    "110102010": "slab 8 tower 3 institution 2 office 1 hutong 1",
    "110102012": "hutong 17 institution 2 commercial 1",
    "110102001": "hutong 9 institution 3 office 1 commercial 2 slab 1",
    "110102013": "hutong 9 commercial 2",
    "110102014": "hutong 5 slab 4 institution 1 tower 1",
    "110102003": "hutong 9 slab 3 institution 1 commercial 1",
    "110102011": "office 6 hutong 5 slab 3 institution 2",
    "110102015": "hutong 5 slab 3 tower 1 commercial 1",
    "110102016": "slab 6 tower 2 hutong 2 institution 1",
    "110102009": "slab 9 tower 3 institution 3 office 2 commercial 1",
    "110102007": "slab 11 institution 3 office 2 tower 1",
    "110102017": "slab 6 hutong 3 tower 2 commercial 1",
    "110102018": "slab 4 tower 4 hutong 1 commercial 1",
    "110102019": "slab 7 tower 3 institution 1",
    "110102020": "tower 8 slab 7 commercial 1 office 1 institution 1",
}
"""Per street: kinds of neighbourhood with their relative share of the quarters."""

DEFAULT_QUARTERS = "slab 6 tower 2 hutong 2 institution 1 commercial 1"
FAVOURED: dict[str, tuple[str, str]] = {"110102011": ("office", "0.40,1.0"), "110102003": ("hutong", "1.4,2.6")}
"""Kinds that gather round one place of a street: offices along 金融大街, old lanes by 西四."""


@dataclass(frozen=True)
class PlanFrame:
    """Turns the plan's words into metric coordinates, moved along with the corners that the areas moved.

    Attributes
    ----------
    corners : dict
        Settled corners in the metric CRS, from `gis.city.skeleton.settle_corners`.
    """

    corners: dict[str, tuple[float, float]]

    def place(self, words: str) -> np.ndarray:
        """Return the coordinates (n, 2), metres, of a path of corner names and `x,y` kilometres."""
        origin = np.array(origin_xy())
        drawn = np.array([CORNERS[name] for name in self.corners]) * 1000.0 + origin
        moved = np.array(list(self.corners.values())) - drawn
        found = []
        for word in words.split():
            if word in self.corners:
                found.append(np.array(self.corners[word]))
                continue
            x, y = word.split(",")
            here = np.array([float(x), float(y)]) * 1000.0 + origin
            nearness = 1.0 / (np.sum((drawn - here) ** 2, axis=1) + 100.0)
            found.append(here + (moved * nearness[:, None]).sum(axis=0) / nearness.sum())
        return np.round(np.array(found), 2)

    def lake(self, words: str) -> shapely.Polygon:
        """Return a shore rounded by three rounds of corner cutting (Chaikin)."""
        ring = self.place(words)
        for _ in range(3):
            ahead = np.roll(ring, -1, axis=0)
            ring = np.stack([0.75 * ring + 0.25 * ahead, 0.25 * ring + 0.75 * ahead], axis=1).reshape(-1, 2)
        return shapely.Polygon(np.round(ring, 2))

    def ribbon(self, words: str, width_m: float) -> shapely.Polygon:
        """Return a river or railway bed of this width along a slightly rounded path."""
        path = shapely.LineString(self.place(words))
        rounded = path.buffer(90.0, quad_segs=6).buffer(-90.0 + width_m / 2.0, quad_segs=6)
        return shapely.simplify(rounded, 0.5)
