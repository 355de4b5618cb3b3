"""Words for what people cook with."""

from typing import Final

from streams.demo.shop.kinds import Department, Kind, Wording

COFFEE_GRINDERS: Final = Kind(
    key="coffee-grinders",
    path="Kitchen > Coffee makers > Grinders",
    prices=(29, 259),
    goes_with=("coffee-beans",),
    words={
        "en": Wording(
            names=("coffee grinder", "coffee mill", "burr grinder"),
            traits={
                "manual": "[Half a minute|Forty turns] of cranking for one cup, and nobody wakes up.",
                "electric": "One press grinds [two|four] cups and stops by itself.",
                "quiet": "A slow motor, no louder than talking.",
                "travel": "It fits into a mug and weighs {weight_g} g.",
                "stepless": "Turn the ring as finely as you like: there are no clicks.",
            },
            facts={
                "burrs": ("steel", "ceramic"),
                "weight_g": (420, 560, 1900),
                "colour": ("matt black", "silver", "walnut"),
            },
            means={
                "manual": {"name": "coffee mill", "weight_g": 560},
                "electric": {"weight_g": 1900},
                "quiet": {"weight_g": 1900},
                "travel": {"weight_g": 420, "name": "coffee mill"},
            },
            said=(
                "Conical burrs of {burrs}.",
                "From Turkish-fine to coarse as sea salt.",
                "The hopper comes off without tools for brushing out.",
                "Rubber feet keep it where you put it.",
            ),
            reviews={
                "pleased": (
                    "Even grounds, no dust, and hardly any noise.",
                    "My coffee has improved more than with any new machine.",
                    "Easy to take apart and clean.",
                ),
                "torn": (
                    "Grinds well, but half a spoon always stays inside.",
                    "Solid, though the scale is hard to read.",
                ),
                "cross": (
                    "The motor smelled of burning on day two.",
                    "Boulders and dust, nothing in between.",
                    "The crank came off in my hand.",
                ),
            },
            searches=(
                "coffee grinder",
                "quiet coffee grinder",
                "hand grinder for espresso",
                "grinder for travelling",
            ),
        ),
        "zh": Wording(
            names=("磨豆机", "咖啡磨豆机"),
            traits={
                "手摇": "手摇设计，安静省电。",
                "电动": "一键研磨，自动停止。",
                "便携": "小巧便携，旅行也能带。",
            },
            facts={"磨芯": ("不锈钢", "陶瓷"), "颜色": ("黑色", "银色")},
            said=("{磨芯}锥形磨芯，研磨均匀。", "粗细可调，适合手冲和意式。"),
            reviews={
                "pleased": ("研磨很均匀，细粉少。", "声音小，清洗方便。"),
                "torn": ("磨得不错，就是会残留一点粉。",),
                "cross": ("用了两天电机就有糊味。", "手柄一摇就掉。"),
            },
            searches=("磨豆机", "声音小的磨豆机", "手摇磨豆机"),
        ),
    },
)

KETTLES: Final = Kind(
    key="kettles",
    path="Kitchen > Kettles",
    prices=(24, 139),
    goes_with=("tea",),
    words={
        "en": Wording(
            names=("kettle", "gooseneck kettle", "water kettle"),
            traits={
                "electric": "Boils a litre in [three|four] minutes and switches off by itself.",
                "whistling": "It whistles two notes, [politely|in tune] at that.",
                "copper": "Copper outside, tinned inside; it will age with you.",
                "temperature-controlled": "Choose 60, 80, 90 or 100 °C; it holds that for half an hour.",
                "cordless": "Lifts off its base from any side.",
            },
            facts={
                "volume": ("0.8 l", "1.2 l", "1.7 l"),
                "colour": ("cream", "black", "brushed steel", "sage green"),
            },
            means={"copper": {"colour": "copper", "name": "kettle"}},
            said=(
                "Holds {volume}.",
                "The spout pours in a thin, steady line.",
                "A sieve in the lip keeps limescale out of the cup.",
                "The handle stays cool.",
            ),
            reviews={
                "pleased": (
                    "Boils faster than my old one, and quietly.",
                    "Pours exactly where I aim.",
                    "It makes breakfast the best part of my day.",
                ),
                "torn": (
                    "Pretty, but the handle gets warmer than I would like.",
                    "Good kettle; the lid needs two hands.",
                ),
                "cross": (
                    "It rusted within a month although I dried it every time.",
                    "It leaks at the base.",
                    "The water tastes of plastic.",
                ),
            },
            searches=(
                "kettle",
                "kettle for pour over coffee",
                "kettle with temperature setting",
                "quiet electric kettle",
            ),
        ),
        "zh": Wording(
            names=("电热水壶", "手冲壶"),
            traits={
                "控温": "可选60到100度，自动保温半小时。",
                "细口": "细长壶嘴，出水稳定。",
                "快速": "三分钟烧开一升水，自动断电。",
            },
            facts={"容量": ("0.8升", "1.2升", "1.7升"), "颜色": ("米白色", "黑色")},
            means={"快速": {"name": "电热水壶"}, "细口": {"name": "手冲壶"}},
            said=("容量{容量}，把手不烫。", "壶口有滤网，水垢不进杯。"),
            reviews={
                "pleased": ("烧水快，声音小。", "出水很稳，想倒哪就倒哪。"),
                "torn": ("颜值高，把手稍微有点烫。",),
                "cross": ("一个月就生锈了。", "底座漏水。"),
            },
            searches=("电热水壶", "控温手冲壶"),
        ),
    },
)

FRYING_PANS: Final = Kind(
    key="frying-pans",
    path="Kitchen > Cookware > Frying pans",
    prices=(25, 149),
    goes_with=("olive-oil",),
    words={
        "en": Wording(
            names=("frying pan", "skillet", "saute pan"),
            traits={
                "cast-iron": "Cast in one piece, [heavy and even|slow to heat and slow to cool].",
                "non-stick": "Eggs slide out by themselves; the ceramic coating is free of fluorine.",
                "carbon-steel": "Turns black and smooth with use, and gets better every year.",
                "induction": "A steel base for induction and every other hob.",
                "oven-safe": "The handle may go into the oven up to 250 °C.",
            },
            facts={"diameter_cm": (20, 24, 28, 32), "handle": ("beech", "steel", "olive wood")},
            said=(
                "{diameter_cm} cm across.",
                "With a handle of {handle}, riveted.",
                "Seasoned with linseed oil before it leaves the workshop.",
                "High sides catch the splashes.",
            ),
            reviews={
                "pleased": (
                    "Nothing sticks, and it browns beautifully.",
                    "Heavy, well balanced and very easy to clean.",
                    "The heat spreads right to the rim.",
                ),
                "torn": ("A fine pan, but you need two hands for it.", "Good for steak, too slow for eggs."),
                "cross": (
                    "The coating came off into the food, which is disgusting.",
                    "It warped on the first evening.",
                    "The handle wobbles.",
                ),
            },
            searches=(
                "frying pan",
                "pan where nothing sticks",
                "iron pan for steaks",
                "pan for induction hob",
            ),
        ),
        "zh": Wording(
            names=("平底锅", "煎锅"),
            traits={
                "铸铁": "一体铸造，受热均匀，保温好。",
                "不粘": "陶瓷不粘涂层，煎蛋一滑就出。",
                "电磁炉通用": "复底设计，各种灶具都能用。",
            },
            facts={"直径": ("24厘米", "28厘米"), "手柄": ("榉木", "不锈钢")},
            said=("直径{直径}，{手柄}手柄。", "锅边加高，不易溅油。"),
            reviews={
                "pleased": ("完全不粘，煎牛排很香。", "受热均匀，好清洗。"),
                "torn": ("锅是好锅，就是太重。",),
                "cross": ("用两次涂层就掉了。", "第一天就变形了。"),
            },
            searches=("不粘锅", "煎牛排的铸铁锅", "电磁炉平底锅"),
        ),
    },
)

KITCHEN_KNIVES: Final = Kind(
    key="kitchen-knives",
    path="Kitchen > Knives",
    prices=(15, 189),
    goes_with=("chopping-boards",),
    words={
        "en": Wording(
            names=("chef's knife", "bread knife", "paring knife", "vegetable knife"),
            traits={
                "forged": "Forged from one bar, with the weight [just before|right at] the finger.",
                "serrated": "Its teeth go through crusts without crushing the crumb.",
                "hand-made": "Made by [two people|a workshop of four] who sign each blade.",
                "stainless": "Stainless steel: wipe it and put it away.",
            },
            facts={
                "blade_cm": (9, 15, 18, 21),
                "handle": ("ash", "walnut", "black resin"),
                "steel": ("carbon steel", "stainless steel"),
            },
            means={
                "serrated": {"name": "bread knife", "blade_cm": 21},
                "stainless": {"steel": "stainless steel"},
            },
            said=(
                "A blade of {blade_cm} cm, in {steel}.",
                "The handle is {handle} and lies well in either hand.",
                "Sharpened at fifteen degrees a side.",
                "Not for the dishwasher.",
            ),
            reviews={
                "pleased": (
                    "Tomatoes fall apart when you look at them.",
                    "Still sharp after three months of daily use.",
                    "Lies in the hand as if made for it.",
                ),
                "torn": (
                    "Very sharp, but the handle is short for large hands.",
                    "Good knife that needs a lot of care.",
                ),
                "cross": (
                    "Blunt on arrival.",
                    "A piece of the edge broke off on a carrot.",
                    "Rust spots after one night in the drawer.",
                ),
            },
            searches=("kitchen knife", "sharp knife for vegetables", "knife for bread", "good chef's knife"),
            gifts=("wedding present for people who cook",),
        ),
        "zh": Wording(
            names=("菜刀", "主厨刀", "面包刀"),
            traits={
                "锻造": "整块钢材锻造，重心靠前。",
                "不锈钢": "不锈钢材质，好保养。",
                "手工": "两位匠人手工打磨。",
            },
            facts={"刃长": ("15厘米", "18厘米", "21厘米"), "手柄": ("胡桃木", "白蜡木")},
            said=("刃长{刃长}，{手柄}手柄。", "出厂开刃，拿到即可使用。"),
            reviews={
                "pleased": ("切番茄毫不费力。", "用了三个月还很锋利。"),
                "torn": ("很锋利，手大的人握着有点短。",),
                "cross": ("收到就是钝的。", "放一晚上就生锈。"),
            },
            searches=("锋利的菜刀", "面包刀", "厨师刀"),
        ),
    },
)

CHOPPING_BOARDS: Final = Kind(
    key="chopping-boards",
    path="Kitchen > Chopping boards",
    prices=(14, 89),
    goes_with=("kitchen-knives",),
    words={
        "en": Wording(
            names=("chopping board", "cutting board", "bread board"),
            traits={
                "end-grain": "End grain closes up again after [every cut|the knife].",
                "reversible": "One side smooth, the other with a groove for juice.",
                "large": "Room for a whole [cabbage|loaf and the crumbs].",
                "non-slip": "Cork feet hold it still on wet worktops.",
            },
            facts={
                "wood": ("oak", "beech", "olive wood", "acacia"),
                "size_cm": ("30 x 20", "40 x 30", "50 x 35"),
            },
            said=(
                "Made of {wood}.",
                "{size_cm} cm, and as thick as a thumb.",
                "Oiled twice; do it again when it looks thirsty.",
                "The wood comes from [trees that had to go|offcuts of a joiner's].",
            ),
            reviews={
                "pleased": (
                    "Heavy, steady and beautiful.",
                    "The knife stays sharp on it.",
                    "Looks as good on the table as on the worktop.",
                ),
                "torn": (
                    "A lovely board, but hard to lift with one hand.",
                    "Nice wood; it needed oil at once.",
                ),
                "cross": (
                    "It cracked right through after the second wash.",
                    "It is bent, so it rocks.",
                    "Smells of glue.",
                ),
            },
            searches=(
                "chopping board",
                "wooden cutting board",
                "large board for carving",
                "board that does not slip",
            ),
        ),
        "zh": Wording(
            names=("砧板", "切菜板"),
            traits={
                "整木": "整块实木，不用胶水拼接。",
                "双面": "双面可用，生熟分开。",
                "防滑": "底部软木脚垫，湿台面也不滑。",
            },
            facts={"木材": ("橡木", "榉木", "相思木"), "尺寸": ("30×20厘米", "40×30厘米")},
            said=("{木材}材质，尺寸{尺寸}。", "已上两遍油，定期保养更耐用。"),
            reviews={
                "pleased": ("厚实稳当，很好看。", "不伤刀，也没有异味。"),
                "torn": ("板子不错，就是有点重。",),
                "cross": ("洗两次就裂了。", "一股胶水味。"),
            },
            searches=("实木砧板", "防滑切菜板"),
        ),
    },
)

KITCHEN: Final = Department(
    name="Kitchen",
    brands={
        "en": ("Ladlewick", "Kettlebury", "Oakhob", "Simmer & Sons", "Brassbottom"),
        "zh": ("锅小满", "灶前春", "木食记"),
    },
    kinds=(COFFEE_GRINDERS, KETTLES, FRYING_PANS, KITCHEN_KNIVES, CHOPPING_BOARDS),
)
