"""Made-up names and places: of product lines, of people, of streets."""

from typing import Final

LINES: Final = (
    "Tarn", "Heron", "Ember", "Alder", "Bittern", "Cairn", "Drift", "Elm", "Fallow", "Gale", "Hazel", "Isle",
    "Juniper", "Kestrel", "Larch", "Moor", "Nettle", "Osprey", "Plover", "Quay", "Rowan", "Skerry", "Thistle",
    "Umber", "Vesper", "Willow", "Yarrow", "Zephyr", "Aspen", "Brook", "Clover", "Dune", "Fern", "Glen", "Harbour",
    "Ivy", "Jetty", "Knoll", "Linnet", "Marten", "Nimbus", "Orchard", "Pebble", "Ridge", "Sorrel", "Tide", "Vale",
    "Wren", "Amber", "Birch", "Copper", "Dawn", "Finch", "Gorse", "Heath", "Lantern", "Meadow", "North", "Otter",
    "Pine", "Reed", "Spruce", "Teasel", "Upland", "Violet", "Weir",
)  # fmt: skip
LINES_ZH: Final = (
    "云径", "山岚", "初晴", "听雨", "归林", "微光", "晨露", "晚风", "青禾", "溪石", "白露", "霜降", "惊蛰", "立夏",
    "半山", "拾光", "木槿", "松间", "竹影", "远舟", "素简", "暖冬", "星野", "麦浪", "荷塘", "归雁", "小寒", "春分",
)  # fmt: skip

FIRST: Final = (
    "Ada", "Bruno", "Chiara", "Dilan", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Lena", "Malik",
    "Nora", "Oskar", "Priya", "Rosa", "Sven", "Tilda", "Umar", "Vera", "Wout", "Yusuf", "Zoe", "Aoife", "Beatriz",
)  # fmt: skip
LAST: Final = (
    "Abara", "Berg", "Castellan", "Dubois", "Eriksen", "Fontaine", "Hollis", "Ivers", "Jansen", "Kovac", "Lindgren",
    "Moreau", "Novak", "Okafor", "Quist", "Rossi", "Tamm", "Ueda", "Vasquez", "Whitlock", "Yilmaz", "Zeller",
)  # fmt: skip
FIRST_ZH: Final = (
    ("晓雨", "xiaoyu"), ("子涵", "zihan"), ("明轩", "mingxuan"), ("思远", "siyuan"), ("佳宁", "jianing"),
    ("浩然", "haoran"), ("雅琴", "yaqin"), ("文博", "wenbo"), ("静怡", "jingyi"), ("俊杰", "junjie"),
    ("梦洁", "mengjie"), ("志强", "zhiqiang"),
)  # fmt: skip
LAST_ZH: Final = (
    ("王", "wang"), ("李", "li"), ("陈", "chen"), ("赵", "zhao"), ("周", "zhou"), ("吴", "wu"), ("徐", "xu"),
    ("孙", "sun"), ("马", "ma"), ("林", "lin"),
)  # fmt: skip

STREETS: Final = (
    "Larkspur Lane", "Old Mill Road", "Tanner's Row", "Quarry Hill", "Lindenweg", "Am Fischmarkt", "Rue des Tilleuls",
    "Calle del Olivar", "Kastanjelaan", "Harbour Walk", "Chapel Street", "Via dei Glicini",
)  # fmt: skip
TOWNS: Final = (
    "Brindleford", "Netherwick", "Oberlinden", "Saint-Aubray", "Villaflor del Rio", "Westerdam", "Castelbruno",
    "Marlow Bay", "Steinau am See", "Kirkmoor",
)  # fmt: skip
STREETS_ZH: Final = ("槐荫路", "银杏街", "望湖巷", "东篱路", "书院街", "桂花弄")
TOWNS_ZH: Final = ("临溪市清和区", "云州市东湖区", "江宁城南岸区", "青屿市海棠区")
