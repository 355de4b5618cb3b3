"""Words for what makes a home."""

from typing import Final

from streams.demo.shop.kinds import Department, Kind, Wording

DESK_LAMPS: Final = Kind(
    key="desk-lamps",
    path="Home > Lighting > Desk lamps",
    prices=(29, 179),
    words={
        "en": Wording(
            names=("desk lamp", "reading lamp", "table lamp"),
            traits={
                "dimmable": "A touch dims it, from [candle|moonlight] to noon.",
                "clamp": "The clamp holds on boards up to 6 cm and leaves the desk free.",
                "flicker-free": "Direct current, so the light [does not flicker|is kind to tired eyes].",
                "brass": "Turned brass that is allowed to darken.",
                "cordless": "Eight hours of light without a [socket|cable], on the balcony, too.",
            },
            facts={
                "colour": ("black", "white", "mustard", "brass"),
                "light": ("warm white", "adjustable white"),
            },
            means={"brass": {"colour": "brass"}, "clamp": {"name": "desk lamp"}},
            said=(
                "The light is {light}.",
                "The arm stays where you leave it.",
                "The lamp can be replaced, a rarity nowadays.",
                "A cloth cable, two metres long.",
            ),
            reviews={
                "pleased": (
                    "A lovely, calm light.",
                    "My eyes are less tired in the evening.",
                    "Stands firmly and moves without a sound.",
                ),
                "torn": (
                    "Good light, but the cable is too short.",
                    "Pretty; the switch is in the wrong place.",
                ),
                "cross": (
                    "It flickers, whatever I do.",
                    "The arm sinks down by itself.",
                    "Dead after five weeks.",
                ),
            },
            searches=(
                "desk lamp",
                "lamp for reading",
                "warm light for the desk",
                "lamp that clamps to the table",
            ),
        ),
        "zh": Wording(
            names=("台灯", "护眼台灯"),
            traits={
                "可调光": "触摸无级调光，从夜灯到阅读。",
                "夹式": "夹在桌边，不占桌面。",
                "无频闪": "无频闪，久看不累眼。",
            },
            facts={"颜色": ("黑色", "白色", "姜黄色"), "光色": ("暖白", "可调色温")},
            means={"夹式": {"name": "台灯"}},
            said=("光色为{光色}。", "灯臂停在哪就是哪，不下垂。"),
            reviews={
                "pleased": ("光线柔和，孩子写作业正好。", "很稳，调节顺滑。"),
                "torn": ("光不错，电线短了点。",),
                "cross": ("一直闪，眼睛疼。", "灯臂自己往下掉。"),
            },
            searches=("护眼台灯", "夹在桌上的台灯", "孩子写作业用的台灯"),
        ),
    },
)

BED_LINEN: Final = Kind(
    key="bed-linen",
    path="Home > Bedroom > Bed linen",
    prices=(35, 189),
    goes_with=("blankets",),
    words={
        "en": Wording(
            names=("bed linen set", "duvet cover set", "bedding set"),
            traits={
                "linen": "Washed linen that is cool in summer and [softer every year|never needs ironing].",
                "flannel": "Brushed cotton, warm from the first minute.",
                "percale": "A dense, matt weave, crisp like a hotel's.",
                "jersey": "Stretchy jersey for people who can't be bothered to iron.",
                "organic cotton": "Grown and dyed without [poison|anything you would not want in bed].",
            },
            means={"linen": {"name": "duvet cover set"}},
            facts={
                "colour": ("chalk", "sea green", "dusty pink", "night blue"),
                "size_cm": ("135 x 200", "155 x 220", "200 x 200"),
            },
            said=(
                "{size_cm} cm, with a pillowcase to match.",
                "Buttons of shell, no zip.",
                "May be washed at 60 °C.",
                "The corners have ties, so the duvet stays put.",
            ),
            reviews={
                "pleased": (
                    "I sleep better, and I am not making that up.",
                    "Soft, cool, and the colour holds.",
                    "Feels like a good hotel.",
                ),
                "torn": ("Nice fabric, but it creases terribly.", "The pillowcase is a little tight."),
                "cross": (
                    "The dye came off on our sheets.",
                    "It tore at the seam in the third wash.",
                    "Scratchy as a sack.",
                ),
            },
            searches=(
                "bed linen",
                "cool bedding for summer",
                "warm flannel bedding",
                "duvet cover that needs no ironing",
            ),
        ),
        "zh": Wording(
            names=("床品四件套", "被套"),
            traits={
                "亚麻": "水洗亚麻，夏天凉爽。",
                "磨毛": "纯棉磨毛，冬天不冰。",
                "纯棉": "长绒棉，细腻透气。",
            },
            facts={"颜色": ("米白色", "海水绿", "雾粉色"), "尺寸": ("1.5米床", "1.8米床")},
            said=("适合{尺寸}。", "四角带系绳，被子不跑位。"),
            reviews={
                "pleased": ("摸着很舒服，睡得香。", "洗了不掉色。"),
                "torn": ("面料好，就是容易皱。",),
                "cross": ("掉色把床单都染了。", "洗三次就开线。"),
            },
            searches=("夏天凉快的床品", "纯棉四件套"),
        ),
    },
)

CANDLES: Final = Kind(
    key="candles",
    path="Home > Decoration > Candles",
    prices=(6, 45),
    replenishable=True,
    words={
        "en": Wording(
            names=("candle", "scented candle", "pillar candle"),
            traits={
                "beeswax": "Pure beeswax that smells of [honey|summer], and of nothing else.",
                "soy": "Soy wax burns cooler and [longer|without soot].",
                "unscented": "No scent at all, for the dinner table.",
                "hand-poured": "Poured by hand into a glass that becomes a tumbler.",
            },
            facts={
                "scent": ("cedar and smoke", "fig leaf", "orange peel", "none"),
                "burns_h": (20, 45, 60),
                "colour": ("ivory", "amber", "forest"),
            },
            means={
                "beeswax": {"name": "candle", "scent": "none"},
                "unscented": {"name": "pillar candle", "scent": "none"},
                "soy": {"name": "scented candle", "scent": "fig leaf"},
                "hand-poured": {"name": "scented candle", "scent": "cedar and smoke"},
            },
            said=(
                "Burns for about {burns_h} hours.",
                "The wick is cotton; trim it now and then.",
                "Let the first pool reach the rim and it will burn evenly.",
                "Made in batches of [forty|sixty].",
            ),
            reviews={
                "pleased": (
                    "Smells wonderful without giving me a headache.",
                    "Burns down evenly to the very end.",
                    "The glass is on my table now, with flowers.",
                ),
                "torn": ("A nice scent, but I have to stand over it to smell it.", "Pretty, if small."),
                "cross": (
                    "It smokes and leaves soot on the ceiling.",
                    "The wick drowned after an hour.",
                    "The glass cracked while it burned. Dangerous.",
                ),
            },
            searches=(
                "scented candle",
                "candle without perfume",
                "beeswax candle",
                "candle that burns a long time",
            ),
            gifts=("housewarming gift", "small cosy present for a friend"),
        ),
        "zh": Wording(
            names=("蜡烛", "香薰蜡烛"),
            traits={
                "蜂蜡": "纯蜂蜡，淡淡蜜香。",
                "大豆": "大豆蜡，燃烧无黑烟。",
                "无香": "不加香精，餐桌也合适。",
            },
            facts={"颜色": ("象牙白", "琥珀色"), "时长": ("20小时", "45小时")},
            means={"无香": {"name": "蜡烛"}, "蜂蜡": {"name": "蜡烛"}},
            said=("可燃约{时长}。", "棉芯，第一次请燃到满池。"),
            reviews={
                "pleased": ("味道好闻，不刺鼻。", "烧得很均匀。"),
                "torn": ("香味有点淡。",),
                "cross": ("冒黑烟，天花板都黑了。", "玻璃杯烧裂了，很危险。"),
            },
            searches=("香薰蜡烛", "没有黑烟的蜡烛"),
            gifts=("乔迁送朋友的小礼物",),
        ),
    },
)

TOWELS: Final = Kind(
    key="towels",
    path="Home > Bathroom > Towels",
    prices=(9, 59),
    words={
        "en": Wording(
            names=("bath towel", "hand towel set", "towel"),
            traits={
                "waffle": (
                    "A waffle weave that [dries you quickly and itself even faster|drinks a lot and "
                    "weighs little]."
                ),
                "thick": "{weight_gsm} g a square metre, thick as moss.",
                "quick-drying": "Dry again within [two hours|a morning], so good for gyms.",
                "Turkish": "Flat-woven with knotted fringes, big enough for the beach.",
            },
            facts={
                "colour": ("white", "clay", "eucalyptus", "slate"),
                "size_cm": ("50 x 100", "70 x 140", "100 x 180"),
                "weight_gsm": (350, 450, 600),
            },
            means={
                "thick": {"weight_gsm": 600},
                "waffle": {"weight_gsm": 350},
                "quick-drying": {"weight_gsm": 350},
                "Turkish": {"name": "bath towel", "size_cm": "100 x 180"},
            },
            said=(
                "{size_cm} cm.",
                "Long-staple cotton that does not shed.",
                "Wash it once before use and it drinks better.",
                "A loop at each end.",
            ),
            reviews={
                "pleased": (
                    "Soft and thirsty, what more can one ask.",
                    "No fluff, not even in the first wash.",
                    "Dries overnight in our damp bathroom.",
                ),
                "torn": ("Good towel, a bit thin.", "Soft, but it takes ages to dry."),
                "cross": (
                    "It sheds so much that I look like a sheep.",
                    "It only pushes the water around.",
                    "Grey after three washes.",
                ),
            },
            searches=("bath towel", "towel for the gym", "fast drying towel", "big soft towel"),
        ),
        "zh": Wording(
            names=("浴巾", "毛巾"),
            traits={
                "加厚": "加厚毛圈，柔软吸水。",
                "速干": "两小时就干，健身房也适用。",
                "华夫格": "华夫格织法，轻薄吸水。",
            },
            facts={"颜色": ("白色", "陶土色", "灰绿色"), "尺寸": ("50×100厘米", "70×140厘米")},
            means={"华夫格": {"name": "毛巾"}},
            said=("尺寸{尺寸}，长绒棉。", "不掉毛，越洗越软。"),
            reviews={
                "pleased": ("柔软吸水，不掉毛。", "干得很快。"),
                "torn": ("还行，有点薄。",),
                "cross": ("掉毛严重，满身都是。", "不吸水。"),
            },
            searches=("不掉毛的浴巾", "健身用速干毛巾"),
        ),
    },
)

BLANKETS: Final = Kind(
    key="blankets",
    path="Home > Living room > Blankets",
    prices=(25, 159),
    goes_with=("candles",),
    words={
        "en": Wording(
            names=("blanket", "throw", "sofa blanket"),
            traits={
                "wool": "Woven of new wool, warm and [dirt-shy|heavy in the right way].",
                "weighted": (
                    "Glass beads make it weigh {weight_kg} kg, which calms [restless sleepers|the nerves]."
                ),
                "cotton": "Soft cotton that can be washed as often as children demand.",
                "picnic": "A coated back keeps the damp of the lawn away.",
            },
            facts={
                "colour": ("ecru", "checked blue", "cinnamon"),
                "size_cm": ("130 x 170", "150 x 200"),
                "weight_kg": ("1.1", "4", "7"),
            },
            means={
                "wool": {"weight_kg": "1.1"},
                "cotton": {"weight_kg": "1.1"},
                "picnic": {"weight_kg": "1.1", "name": "blanket"},
                "weighted": {"weight_kg": "7", "name": "blanket"},
            },
            said=(
                "{size_cm} cm, hemmed all around.",
                "It comes from a mill that has woven nothing else for three generations.",
                "Shake it out rather than wash it.",
                "Large enough for two who get along.",
            ),
            reviews={
                "pleased": (
                    "So soft that the whole family fights for it.",
                    "Warm, but you don't get hot under it.",
                    "I have slept through since I have it.",
                ),
                "torn": ("Lovely, just smaller than I pictured it.", "Cosy; it does lose hairs at first."),
                "cross": (
                    "It smells of chemicals and sheds everywhere.",
                    "The beads ran out through a seam.",
                    "Felted into a doormat in the wash.",
                ),
            },
            searches=(
                "blanket for the sofa",
                "heavy blanket for better sleep",
                "warm wool blanket",
                "picnic blanket",
            ),
        ),
        "zh": Wording(
            names=("毛毯", "沙发毯"),
            traits={
                "羊毛": "纯新羊毛，保暖不闷。",
                "重力": "重约{重量}，帮助放松入睡。",
                "纯棉": "纯棉可机洗，孩子也能用。",
            },
            facts={"颜色": ("米色", "蓝格", "肉桂色"), "重量": ("4公斤", "7公斤")},
            means={
                "羊毛": {"重量": "1.2公斤"},
                "纯棉": {"重量": "1.2公斤"},
                "重力": {"重量": "7公斤", "name": "毛毯"},
            },
            said=("四边锁边，不脱线。", "够两个人一起盖。"),
            reviews={
                "pleased": ("特别软，全家抢着用。", "盖着很暖，也不闷。"),
                "torn": ("舒服，就是比想象的小。",),
                "cross": ("掉毛又有味道。", "洗一次就硬了。"),
            },
            searches=("沙发毯", "帮助睡眠的重力毯"),
        ),
    },
)

HOME: Final = Department(
    name="Home",
    brands={
        "en": ("Quiltmoor", "Lampgate", "Duskwell", "Hearth & Hollow", "Slowmorning"),
        "zh": ("灯窝里", "棉上月", "慢住集"),
    },
    kinds=(DESK_LAMPS, BED_LINEN, CANDLES, TOWELS, BLANKETS),
)
