"""Words for what people take outdoors."""

from typing import Final

from streams.demo.shop.kinds import Department, Kind, Wording

HIKING_BOOTS: Final = Kind(
    key="hiking-boots",
    path="Outdoor > Footwear > Hiking boots",
    prices=(89, 249),
    goes_with=("hiking-socks", "boot-wax"),
    words={
        "en": Wording(
            names=("hiking boots", "walking boots", "trekking boots"),
            traits={
                "waterproof": "A membrane [keeps rain and wet grass out|holds back water up to the ankle].",
                "lightweight": "At {weight_g} g a boot, you [hardly notice them|forget them] by noon.",
                "winter": "A fleece lining keeps feet warm [well below freezing|on frozen ground].",
                "wide-fit": (
                    "The last is [cut wider|roomier] at the ball, for feet that ordinary boots pinch."
                ),
                "ankle-high": "The high collar steadies the ankle [on scree|under a heavy pack].",
            },
            facts={
                "colour": ("chestnut brown", "slate grey", "moss green", "black"),
                "material": ("full-grain leather", "nubuck", "suede and mesh"),
                "weight_g": (460, 540, 620, 710),
            },
            ranges={"sizes": ("36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47")},
            means={"lightweight": {"weight_g": 460}, "winter": {"weight_g": 710}},
            said=(
                "The uppers are {material}, sewn rather than glued.",
                "A deep tread bites into mud and wet rock.",
                "They can be resoled twice, so a good pair [lasts a decade|grows old with you].",
                "Break them in on short walks first; after a week they feel like slippers.",
                "Hooks and eyelets are brass and will not rust.",
            ),
            reviews={
                "pleased": (
                    "They kept my feet dry through [a whole week|four days] of rain.",
                    "No blisters, not even on the first [long walk|twenty kilometres].",
                    "The sole grips wet rock better than any pair I had before.",
                    "True to size, with room for a thick sock.",
                ),
                "torn": (
                    "Comfortable, but half a size too [large|small].",
                    "Good boots, though the laces are too short for the upper hooks.",
                    "They need two weeks of breaking in before they feel right.",
                ),
                "cross": (
                    "The seam split after [nine days|two weekends].",
                    "My heels were raw after an hour.",
                    "Waterproof? Water came in at the toe in the very first puddle.",
                    "The sole came off halfway down the mountain.",
                ),
            },
            searches=(
                "hiking boots",
                "boots for the mountains",
                "sturdy walking boots",
                "boots for long walks",
            ),
            gifts=("present for someone who walks a lot", "things for a walking holiday"),
        ),
        "zh": Wording(
            names=("徒步鞋", "登山靴"),
            traits={
                "防水": "内置防水膜，[雨天和湿草地都不怕|过浅滩也不湿脚]。",
                "轻量": "单只约{重量}，走一整天也不觉得沉。",
                "保暖": "加绒内里，零下也能保持双脚温暖。",
            },
            facts={
                "颜色": ("棕色", "灰色", "墨绿色"),
                "材质": ("头层牛皮", "磨砂皮"),
                "重量": ("480克", "560克", "650克"),
            },
            ranges={"尺码": ("37", "38", "39", "40", "41", "42", "43", "44")},
            means={"轻量": {"重量": "480克"}, "保暖": {"重量": "650克"}},
            said=(
                "鞋面采用{材质}，缝线牢固。",
                "深齿大底在泥地和湿石上抓地有力。",
                "新鞋建议先短途穿几次再走长线。",
            ),
            reviews={
                "pleased": (
                    "下了三天雨，脚一直是干的。",
                    "第一次穿就走了二十公里，没有磨脚。",
                    "抓地力很好，下山特别稳。",
                ),
                "torn": ("鞋子不错，就是[偏大|偏小]半码。", "穿着舒服，但鞋带有点短。"),
                "cross": ("穿了两周鞋底就开胶了。", "说是防水，踩个水坑就湿透了。", "脚后跟磨得全是泡。"),
            },
            searches=("徒步鞋", "爬山穿的鞋", "登山靴"),
            gifts=("送给喜欢徒步的朋友的礼物",),
        ),
    },
)

BOOT_WAX: Final = Kind(
    key="boot-wax",
    path="Outdoor > Footwear > Shoe care",
    prices=(6, 19),
    replenishable=True,
    words={
        "en": Wording(
            names=("boot wax", "leather balm", "leather wax"),
            traits={
                "beeswax": "Made of beeswax and [pine resin|lanolin], without silicone.",
                "colourless": "It leaves no tint, so one tin does for [every pair in the house|all shoes].",
                "quick-drying": "It is dry to the touch in ten minutes.",
                "water-repellent": "Raindrops roll off; renew it every [three|four] weeks in wet weather.",
            },
            facts={
                "content": ("75 ml", "100 ml", "150 ml"),
                "for": ("smooth leather", "nubuck", "all leather"),
            },
            means={"colourless": {"for": "all leather"}},
            said=(
                "Rub it in with a soft cloth and let it rest overnight.",
                "Warm the leather with a hair dryer first and it soaks in better.",
                "For {for}.",
                "The tin of {content} is good for about thirty pairs.",
                "It smells faintly of the forest, not of the garage.",
            ),
            reviews={
                "pleased": (
                    "My old boots look like new after [one|a single] rub.",
                    "Water pearls off for weeks.",
                    "It smells pleasant and a little goes a long way.",
                ),
                "torn": (
                    "It works, but the leather turned a shade darker.",
                    "Good wax, silly tin: the lid sticks.",
                ),
                "cross": (
                    "It left white streaks on dark leather.",
                    "The wax was dried out and crumbly when it came.",
                    "My boots soaked through just as before.",
                ),
            },
            searches=(
                "boot wax",
                "something to waterproof leather boots",
                "leather care",
                "shoe polish for boots",
            ),
        ),
        "zh": Wording(
            names=("皮鞋护理蜡", "皮革保养膏"),
            traits={
                "蜂蜡": "以天然蜂蜡制成，不含硅油。",
                "无色": "无色配方，深浅皮面都能用。",
                "防泼水": "薄涂一层，雨水即成珠滑落。",
            },
            facts={"容量": ("75毫升", "100毫升")},
            said=("用软布薄涂，静置一夜再擦亮。", "一罐{容量}，大约能护理三十双鞋。"),
            reviews={
                "pleased": ("擦完旧靴子跟新的一样。", "味道很淡，用量也省。"),
                "torn": ("效果可以，但皮面颜色变深了一点。",),
                "cross": ("收到时蜡已经干裂了。", "擦完留下一道道白印。"),
            },
            searches=("皮鞋护理蜡", "给皮靴防水的东西"),
        ),
    },
)

TENTS: Final = Kind(
    key="tents",
    path="Outdoor > Camping > Tents",
    prices=(79, 449),
    goes_with=("sleeping-bags", "headlamps"),
    words={
        "en": Wording(
            names=("tent", "dome tent", "tunnel tent"),
            traits={
                "family": "Two cabins and a porch [for wet shoes|where breakfast fits] in between.",
                "ultralight": (
                    "Packed, it weighs {weight_kg} kg and [vanishes into|fits beside the bottle in] "
                    "a backpack."
                ),
                "storm-proof": "Seven guy lines and crossed poles hold it [in a gale|on an open ridge].",
                "quick-pitch": "Poles and fly stay joined: it stands in [three|four] minutes.",
                "blackout": "A dark inner keeps out the [early sun|midsummer dawn].",
            },
            facts={
                "colour": ("sand", "forest green", "orange"),
                "persons": (1, 2, 3, 4, 5),
                "weight_kg": ("1.3", "2.1", "3.8", "6.5"),
            },
            means={
                "family": {"persons": 5, "weight_kg": "6.5", "name": "tunnel tent"},
                "ultralight": {"persons": 2, "weight_kg": "1.3"},
                "quick-pitch": {"name": "dome tent"},
            },
            said=(
                "Sleeps {persons}.",
                "The floor is sealed and stands a water column of 5,000 mm.",
                "Two vents at the top keep the [walls|inside] dry on cold mornings.",
                "Pegs, cord and a mending patch come with it.",
                "Inside pockets hold glasses, phone and a book.",
            ),
            reviews={
                "pleased": (
                    "Up in [five|six] minutes, and I was alone.",
                    "A thunderstorm went right over us and not a drop came in.",
                    "Roomy enough for us, the bags and the dog.",
                ),
                "torn": (
                    "Nice tent, but it is a puzzle to get it back into its bag.",
                    "Dry inside, though there is a lot of condensation by morning.",
                    "For the number of people it promises, you have to like each other.",
                ),
                "cross": (
                    "A pole snapped on the first night.",
                    "The zip jams every single time.",
                    "Rain came through the seams, and our sleeping bags were soaked.",
                ),
            },
            searches=("tent", "tent for two people", "camping tent", "small tent for cycling trips"),
            gifts=("everything for the first camping trip", "gift for a couple who go camping"),
        ),
        "zh": Wording(
            names=("帐篷", "露营帐篷"),
            traits={
                "家庭": "两室一厅，全家出游也宽敞。",
                "超轻": "打包后仅{重量}，背着走也轻松。",
                "防风": "交叉支架加七根风绳，大风天也站得稳。",
            },
            facts={
                "颜色": ("沙色", "军绿色", "橙色"),
                "人数": (2, 3, 4),
                "重量": ("1.5公斤", "2.2公斤", "4公斤"),
            },
            means={"家庭": {"人数": 4, "重量": "4公斤"}, "超轻": {"人数": 2, "重量": "1.5公斤"}},
            said=("可住{人数}人。", "底部防水五千毫米，压胶接缝。", "顶部双透气窗，早上不容易结露。"),
            reviews={
                "pleased": ("一个人五分钟就搭好了。", "半夜大雨，里面一点没漏。"),
                "torn": ("帐篷挺好，就是收起来很难塞回袋子。",),
                "cross": ("第一晚支架就断了。", "拉链总是卡住，还漏雨。"),
            },
            searches=("露营帐篷", "双人帐篷", "全家露营用的帐篷"),
        ),
    },
)

SLEEPING_BAGS: Final = Kind(
    key="sleeping-bags",
    path="Outdoor > Camping > Sleeping bags",
    prices=(39, 289),
    goes_with=("tents",),
    words={
        "en": Wording(
            names=("sleeping bag", "mummy sleeping bag", "quilt sleeping bag"),
            traits={
                "down": "Filled with {fill}, it packs down to the size of a loaf.",
                "summer": "Thin and airy, [for huts and warm nights|for nights above ten degrees].",
                "three-season": "Comfortable down to {comfort_c} °C, so from March to November.",
                "extra-long": "Made for people [over 1.90 m|who usually have cold feet outside the bag].",
                "children's": "It grows along: the foot end folds away by 30 cm.",
            },
            facts={
                "colour": ("navy", "rust", "pine"),
                "fill": ("recycled down", "duck down", "hollow fibre"),
                "comfort_c": (-5, 0, 4, 9),
            },
            means={
                "down": {"fill": "recycled down"},
                "summer": {"comfort_c": 9, "fill": "hollow fibre"},
                "three-season": {"comfort_c": -5},
                "children's": {"fill": "hollow fibre", "name": "sleeping bag"},
            },
            said=(
                "The zip runs in a guard and does not bite the cloth.",
                "Open it all the way and it is a blanket.",
                "A drawstring hood closes around the face.",
                "Comes with a stuff sack and a loose cotton bag for storage.",
                "Left and right zips join to make a double.",
            ),
            reviews={
                "pleased": (
                    "Slept like a stone at [two|three] degrees.",
                    "Warm, soft, and it really packs small.",
                    "The zip has not caught once in [two weeks|a month].",
                ),
                "torn": (
                    "Warm enough, but narrow at the shoulders.",
                    "Good for summer; the temperature on the label is wishful thinking.",
                ),
                "cross": (
                    "I froze at eight degrees.",
                    "Feathers everywhere after the first night.",
                    "The zip tore out when I sat up.",
                ),
            },
            searches=("sleeping bag", "warm sleeping bag for camping", "sleeping bag for cold nights"),
        ),
        "zh": Wording(
            names=("睡袋", "户外睡袋"),
            traits={
                "羽绒": "填充{填充}，压缩后很小巧。",
                "夏季": "轻薄透气，适合十度以上的夜晚。",
                "加长": "加长设计，高个子也能伸直腿。",
            },
            facts={"颜色": ("藏青色", "砖红色"), "填充": ("鸭绒", "再生羽绒")},
            said=("拉链带防夹设计。", "完全展开就是一条被子。"),
            reviews={
                "pleased": ("三度的晚上睡得很香。", "又轻又暖，收纳很小。"),
                "torn": ("够暖和，就是肩膀有点窄。",),
                "cross": ("八度就冻醒了。", "第一晚就跑绒，到处是毛。"),
            },
            searches=("睡袋", "露营用的厚睡袋"),
        ),
    },
)

BACKPACKS: Final = Kind(
    key="backpacks",
    path="Outdoor > Bags > Backpacks",
    prices=(35, 219),
    goes_with=("hiking-boots",),
    words={
        "en": Wording(
            names=("backpack", "daypack", "rucksack"),
            traits={
                "commuter": "A padded sleeve holds a [laptop|computer] up to 15 inches.",
                "trekking": "The frame moves the load to the hips, where it belongs.",
                "roll-top": "Roll it down for a light day, up for the [big shop|way home].",
                "rainproof": "Welded seams, and a cover in the base for [real downpours|the worst].",
                "travel": "It opens like a suitcase and counts as cabin luggage.",
            },
            facts={
                "colour": ("charcoal", "ochre", "teal", "black"),
                "volume_l": (18, 24, 32, 45, 60),
                "material": ("recycled nylon", "waxed canvas", "polyester"),
            },
            means={
                "commuter": {"volume_l": 24},
                "trekking": {"volume_l": 60, "name": "backpack"},
                "travel": {"volume_l": 45, "name": "backpack"},
            },
            said=(
                "Holds {volume_l} litres.",
                "Sewn from {material}.",
                "The back panel leaves a gap for air.",
                "Side pockets take a bottle each, even when the bag is full.",
                "Chest strap and hip belt come off when you don't need them.",
            ),
            reviews={
                "pleased": (
                    "Sits so well that fifteen kilos feel like ten.",
                    "Pockets exactly where I look for them.",
                    "Two years of daily [cycling|commuting] and not a loose thread.",
                ),
                "torn": (
                    "Handsome and sturdy, but it gets hot on the back.",
                    "Good bag; the bottle pockets are too tight.",
                ),
                "cross": (
                    "A shoulder strap tore off on day three.",
                    "Everything in it was wet after ten minutes of rain.",
                    "The buckle broke the first time it fell on the floor.",
                ),
            },
            searches=(
                "backpack",
                "rucksack for a weekend",
                "backpack that fits a laptop",
                "bag for day hikes",
            ),
        ),
        "zh": Wording(
            names=("双肩包", "登山包"),
            traits={
                "通勤": "带防震夹层，可放15寸电脑。",
                "防雨": "压胶缝线，底部附防雨罩。",
                "旅行": "可像行李箱一样全开，能带上飞机。",
            },
            facts={"颜色": ("深灰色", "墨绿色", "黑色"), "容量": ("20升", "32升", "45升")},
            means={"通勤": {"容量": "20升", "name": "双肩包"}, "旅行": {"容量": "45升", "name": "双肩包"}},
            said=("容量{容量}，分区合理。", "背板透气，夏天不闷汗。"),
            reviews={
                "pleased": ("背着十五公斤也不勒肩。", "口袋位置很顺手，做工扎实。"),
                "torn": ("好看结实，就是后背有点热。",),
                "cross": ("第三天肩带就断了。", "下场小雨，里面全湿了。"),
            },
            searches=("双肩包", "能放电脑的背包", "周末短途登山包"),
        ),
    },
)

OUTDOOR: Final = Department(
    name="Outdoor",
    brands={
        "en": ("Fellmark", "Tarnholme", "Northshale", "Brackenby", "Corrie & Quill"),
        "zh": ("岭野纪", "远岫集", "山行簿"),
    },
    kinds=(HIKING_BOOTS, BOOT_WAX, TENTS, SLEEPING_BAGS, BACKPACKS),
)
