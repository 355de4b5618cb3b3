"""Words for what grows, and for those who help it."""

from typing import Final

from streams.demo.shop.kinds import Department, Kind, Wording

SEEDS: Final = Kind(
    key="seeds",
    path="Garden > Plants > Seeds",
    prices=(2, 19),
    goes_with=("plant-pots", "watering-cans"),
    replenishable=True,
    words={
        "en": Wording(
            names=("herb seeds", "tomato seeds", "wildflower seeds", "salad seeds"),
            traits={
                "organic": "Saved from plants that never saw a spray.",
                "heirloom": "An old variety, [handed down|kept alive by amateurs] for a century.",
                "balcony": "Stays small and does well in [pots|boxes].",
                "bee-friendly": "Flowers from May to October, and the bees know it.",
            },
            facts={
                "sow": ("March to May", "April to June", "August"),
                "germination": ("7 days", "10 days", "14 days"),
            },
            means={
                "bee-friendly": {"name": "wildflower seeds"},
                "heirloom": {"name": "tomato seeds"},
                "balcony": {"name": "herb seeds"},
            },
            said=(
                "Sow from {sow}.",
                "Comes up after about {germination}.",
                "Enough for two square metres.",
                "Open-pollinated: you may save your own seed.",
            ),
            reviews={
                "pleased": (
                    "Everything came up within ten days.",
                    "The tomatoes tasted like my grandfather's.",
                    "Our balcony hums with bees.",
                ),
                "torn": ("About half of them came up.", "Pretty flowers, other colours than on the packet."),
                "cross": (
                    "Not one seedling. Not one.",
                    "Weeds, nothing but weeds.",
                    "The date on the packet was two years ago.",
                ),
            },
            searches=("seeds for the balcony", "flower seeds for bees", "old tomato varieties", "herb seeds"),
            gifts=("gift for a hobby gardener", "little present for someone with a balcony"),
        ),
        "zh": Wording(
            names=("香草种子", "番茄种子", "野花种子"),
            traits={
                "有机": "有机留种，不经药剂处理。",
                "阳台": "株型矮小，花盆也能种。",
                "老品种": "传统老品种，味道浓郁。",
            },
            facts={"播种期": ("三月到五月", "四月到六月"), "发芽": ("约7天", "约10天")},
            means={"老品种": {"name": "番茄种子"}},
            said=("{播种期}播种，{发芽}发芽。", "一包可种两平方米。"),
            reviews={
                "pleased": ("十天全部发芽了。", "番茄特别有小时候的味道。"),
                "torn": ("大概一半发芽。",),
                "cross": ("一颗都没发芽。", "长出来全是杂草。"),
            },
            searches=("阳台种的番茄种子", "香草种子"),
        ),
    },
)

PRUNING_SHEARS: Final = Kind(
    key="pruning-shears",
    path="Garden > Tools > Pruning shears",
    prices=(15, 79),
    goes_with=("garden-gloves",),
    words={
        "en": Wording(
            names=("pruning shears", "secateurs", "garden scissors"),
            traits={
                "bypass": "Two blades pass each other for a clean cut in [green|living] wood.",
                "anvil": "One blade on an anvil, for dry and [hard|dead] branches.",
                "left-handed": "Really mirrored, not just called so.",
                "lightweight": "{weight_g} g, for long days among roses.",
            },
            facts={"weight_g": (140, 210, 260), "cuts_mm": (15, 20, 25), "handle": ("ash", "red rubber")},
            means={"lightweight": {"weight_g": 140, "cuts_mm": 15}},
            said=(
                "Cuts up to {cuts_mm} mm.",
                "Every part can be unscrewed and ordered.",
                "Handles of {handle}.",
                "The catch can be worked with the thumb, in gloves, too.",
            ),
            reviews={
                "pleased": (
                    "Cuts like butter, all season long.",
                    "At last a pair for small hands.",
                    "I dropped them from the ladder; nothing happened.",
                ),
                "torn": ("Sharp, but the spring is stiff.", "Good shears; the catch opens in the pocket."),
                "cross": (
                    "They crush instead of cutting.",
                    "Rusty after one night outside.",
                    "The spring jumped off and was never seen again.",
                ),
            },
            searches=(
                "pruning shears",
                "secateurs for roses",
                "shears for left-handers",
                "something to cut branches",
            ),
        ),
        "zh": Wording(
            names=("修枝剪", "园艺剪刀"),
            traits={"省力": "杠杆结构，粗枝也轻松。", "轻巧": "轻巧好握，手小也合适。"},
            facts={"剪切": ("15毫米", "20毫米"), "手柄": ("木柄", "橡胶柄")},
            said=("最粗可剪{剪切}。", "{手柄}，带安全锁扣。"),
            reviews={
                "pleased": ("很锋利，剪月季毫不费力。", "小手也好握。"),
                "torn": ("锋利，就是弹簧偏硬。",),
                "cross": ("夹断不是剪断。", "放一晚就锈了。"),
            },
            searches=("修枝剪", "剪月季的剪刀"),
        ),
    },
)

GARDEN_GLOVES: Final = Kind(
    key="garden-gloves",
    path="Garden > Clothing > Gloves",
    prices=(6, 35),
    replenishable=True,
    words={
        "en": Wording(
            names=("garden gloves", "gardening gloves", "work gloves"),
            traits={
                "thorn-proof": "[Goatskin|Thick leather] up to the elbow keeps brambles out.",
                "thin": "So thin that you can pick up a single seed.",
                "lined": "A fleece lining for [bulb planting|leaf raking] in November.",
                "children's": "Small gloves for small helpers.",
            },
            facts={
                "material": ("goatskin", "bamboo and latex", "nitrile"),
                "colour": ("green", "sunflower", "grey"),
            },
            ranges={"sizes": ("6", "7", "8", "9", "10")},
            means={"thorn-proof": {"material": "goatskin"}, "thin": {"material": "nitrile"}},
            said=(
                "Made of {material}.",
                "Machine-washable at 30 °C.",
                "The cuff keeps out soil.",
                "Fingertips are doubled.",
            ),
            reviews={
                "pleased": (
                    "I cleared a whole bramble hedge without a scratch.",
                    "They fit like a second skin.",
                    "Clean again after every wash.",
                ),
                "torn": ("Good grip, but sweaty in summer.", "They run small."),
                "cross": (
                    "A hole in the thumb on the first day.",
                    "Thorns go straight through.",
                    "My hands were green for a week.",
                ),
            },
            searches=(
                "garden gloves",
                "gloves against thorns",
                "thin gloves for planting",
                "gardening gloves for kids",
            ),
        ),
        "zh": Wording(
            names=("园艺手套", "防刺手套"),
            traits={"防刺": "加厚羊皮，修剪月季不扎手。", "薄款": "轻薄贴手，播种也灵活。"},
            facts={"颜色": ("绿色", "灰色"), "材质": ("羊皮", "竹纤维")},
            ranges={"尺码": ("7", "8", "9", "10")},
            means={"防刺": {"材质": "羊皮"}, "薄款": {"材质": "竹纤维", "name": "园艺手套"}},
            said=("{材质}材质，可机洗。", "袖口收紧，不进土。"),
            reviews={
                "pleased": ("修了一下午月季，一点没扎到。", "很贴手，好洗。"),
                "torn": ("防滑好，夏天有点闷。",),
                "cross": ("第一天拇指就破了。", "刺一扎就透。"),
            },
            searches=("防刺园艺手套", "种花手套"),
        ),
    },
)

PLANT_POTS: Final = Kind(
    key="plant-pots",
    path="Garden > Pots > Plant pots",
    prices=(6, 89),
    goes_with=("seeds",),
    words={
        "en": Wording(
            names=("plant pot", "flower pot", "planter"),
            traits={
                "terracotta": "Fired at 1,000 °C, so it [stands frost|may stay out in winter].",
                "self-watering": "A reservoir below lasts for [ten days|a short holiday].",
                "hanging": "With a cord that carries 10 kg.",
                "indoor": "Glazed inside, with a saucer: no rings on the windowsill.",
            },
            facts={"colour": ("terracotta", "cream", "anthracite", "sage"), "diameter_cm": (12, 18, 25, 35)},
            means={"terracotta": {"colour": "terracotta"}, "hanging": {"name": "planter", "diameter_cm": 18}},
            said=(
                "{diameter_cm} cm across.",
                "A hole in the base lets water run off.",
                "Thrown by hand, so no two are quite alike.",
                "Looks best in threes.",
            ),
            reviews={
                "pleased": (
                    "Survived a hard winter outdoors and looks like new.",
                    "My plants have never been so happy.",
                    "Arrived in one piece, well packed.",
                ),
                "torn": (
                    "All right for a balcony, small for a garden.",
                    "A nice pot, but the saucer is too flat.",
                ),
                "cross": (
                    "It cracked in the first frost.",
                    "It came as a jigsaw puzzle.",
                    "No hole, so the roots rotted.",
                ),
            },
            searches=("plant pot", "pot that waters itself", "frost-proof flower pot", "hanging planter"),
        ),
        "zh": Wording(
            names=("花盆", "陶土花盆"),
            traits={
                "自吸水": "底部储水，出差十天也不怕。",
                "防冻": "高温烧制，冬天可放室外。",
                "悬挂": "带挂绳，可承重十公斤。",
            },
            facts={"颜色": ("陶土色", "米白色"), "直径": ("12厘米", "18厘米", "25厘米")},
            said=("直径{直径}，底部有排水孔。", "手工拉坯，每个略有不同。"),
            reviews={
                "pleased": ("包装很好，一个没碎。", "植物长得比以前好。"),
                "torn": ("好看，就是托盘太浅。",),
                "cross": ("收到就碎了。", "第一场霜就裂了。"),
            },
            searches=("自吸水花盆", "阳台花盆"),
        ),
    },
)

WATERING_CANS: Final = Kind(
    key="watering-cans",
    path="Garden > Watering > Watering cans",
    prices=(12, 65),
    goes_with=("seeds",),
    words={
        "en": Wording(
            names=("watering can", "indoor watering can"),
            traits={
                "zinc": "Galvanised and soldered, for [decades|your grandchildren].",
                "long-spout": "The thin spout reaches [behind the last pot|under the leaves].",
                "fine-rose": "A brass rose makes rain that does not flatten seedlings.",
                "light": "Recycled plastic, so that only the water is heavy.",
            },
            facts={"volume": ("1 l", "5 l", "9 l"), "colour": ("zinc", "moss green", "yellow")},
            means={
                "zinc": {"colour": "zinc", "name": "watering can"},
                "light": {"colour": "yellow"},
                "fine-rose": {"name": "watering can"},
            },
            said=(
                "Holds {volume}.",
                "Balanced, so that it pours with one hand.",
                "The rose comes off.",
                "Leave it out, but empty it before frost.",
            ),
            reviews={
                "pleased": (
                    "Pours gently and never drips.",
                    "Simple, sturdy and a joy to use.",
                    "So pretty that it stays in the living room.",
                ),
                "torn": ("A good can, heavy when it is full.", "Useful, although the rose clogs."),
                "cross": (
                    "It leaks at every joint; my shoes were soaked.",
                    "Rust after three weeks.",
                    "The handle came off when it was full.",
                ),
            },
            searches=(
                "watering can",
                "watering can for indoor plants",
                "can with a long spout",
                "metal watering can",
            ),
        ),
        "zh": Wording(
            names=("浇水壶", "洒水壶"),
            traits={"长嘴": "细长壶嘴，盆底也够得着。", "轻便": "再生塑料，轻便耐摔。"},
            facts={"容量": ("1升", "5升"), "颜色": ("黄色", "苔绿色")},
            said=("容量{容量}，单手就能倒。", "喷头可拆。"),
            reviews={
                "pleased": ("出水柔和，不滴漏。", "好看又好用。"),
                "torn": ("好用，装满有点沉。",),
                "cross": ("接缝处漏水。", "装满水把手就断了。"),
            },
            searches=("长嘴浇水壶", "室内浇花的壶"),
        ),
    },
)

GARDEN: Final = Department(
    name="Garden",
    brands={
        "en": ("Spadewell", "Thistlecote", "Greenditch", "Marrow & Vine", "Loamley"),
        "zh": ("芽间事", "小园丁记", "半亩云"),
    },
    kinds=(SEEDS, PRUNING_SHEARS, GARDEN_GLOVES, PLANT_POTS, WATERING_CANS),
)
