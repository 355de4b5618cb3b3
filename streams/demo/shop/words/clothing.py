"""Words for what people wear."""

from typing import Final

from streams.demo.shop.kinds import Department, Kind, Wording

HIKING_SOCKS: Final = Kind(
    key="hiking-socks",
    path="Clothing > Socks > Hiking socks",
    prices=(9, 29),
    replenishable=True,
    words={
        "en": Wording(
            names=("hiking socks", "walking socks", "boot socks"),
            traits={
                "merino": (
                    "Merino keeps its warmth when damp and does not [smell|give you away] on day three."
                ),
                "cushioned": "Loops under heel and ball take [the sting out of long descents|up the knocks].",
                "thin": "Thin enough for close-fitting shoes [and hot days|in summer].",
                "knee-length": "They reach to the knee and stay there.",
                "seamless": "The toe is linked by hand, so that nothing [rubs|chafes].",
            },
            facts={
                "colour": ("oatmeal", "charcoal", "rust red", "dark blue"),
                "material": ("70 % merino wool", "wool and nylon", "organic cotton"),
                "pairs": (1, 2, 3),
            },
            ranges={"sizes": ("35-37", "38-40", "41-43", "44-46")},
            means={"merino": {"material": "70 % merino wool"}, "thin": {"material": "organic cotton"}},
            said=(
                "Knitted of {material}.",
                "The heel is reinforced where boots wear it thin.",
                "Machine-washable at 40 °C; skip the softener.",
                "Left and right differ, and are marked.",
            ),
            reviews={
                "pleased": (
                    "Not a single blister in a week of walking.",
                    "Soft, warm, and they dry overnight.",
                    "They have kept their shape through [twenty|thirty] washes.",
                ),
                "torn": ("Warm, but they slip down a little.", "Nice socks, just a bit tight at the calf."),
                "cross": (
                    "A hole in the heel after three walks.",
                    "They shrank to a child's size at 30 degrees.",
                    "Scratchy, and the dye came off on my feet.",
                ),
            },
            searches=(
                "hiking socks",
                "socks against blisters",
                "wool socks for boots",
                "thick walking socks",
            ),
        ),
        "zh": Wording(
            names=("徒步袜", "登山袜"),
            traits={
                "羊毛": "美利奴羊毛，潮了也保暖，不易有异味。",
                "加厚": "脚跟脚掌加厚毛圈，长途下山不疼。",
                "薄款": "轻薄透气，夏天也合适。",
            },
            facts={"颜色": ("燕麦色", "深灰色", "藏青色"), "双数": (1, 2, 3)},
            ranges={"尺码": ("35-37", "38-40", "41-43", "44-46")},
            said=("脚跟加固，更耐磨。", "左右脚分别设计，贴合不移位。"),
            reviews={
                "pleased": ("走了一周，一个泡都没有。", "柔软暖和，晾一晚就干。"),
                "torn": ("挺暖和，就是有点往下滑。",),
                "cross": ("穿三次脚跟就破了。", "洗一次缩成童袜。"),
            },
            searches=("徒步袜", "羊毛袜", "防磨脚的袜子"),
        ),
    },
)

RAIN_JACKETS: Final = Kind(
    key="rain-jackets",
    path="Clothing > Jackets > Rain jackets",
    prices=(59, 239),
    goes_with=("jumpers",),
    words={
        "en": Wording(
            names=("rain jacket", "rain coat", "shell jacket"),
            traits={
                "packable": "It folds into its own pocket, no bigger than [an apple|a fist].",
                "breathable": "Long zips under the arms let the [steam|heat] out.",
                "long": "It reaches to mid-thigh, so that [the saddle stays|your trousers stay] dry.",
                "insulated": "A thin padding makes it a winter coat, too.",
                "reflective": "Piping on back and sleeves lights up in headlights.",
            },
            facts={
                "colour": ("mustard yellow", "petrol blue", "olive", "berry red"),
                "material": ("recycled polyester", "waxed cotton", "three-layer nylon"),
            },
            ranges={"sizes": ("XS", "S", "M", "L", "XL", "XXL")},
            means={"long": {"name": "rain coat"}},
            said=(
                "The hood turns with the head and has a stiff peak.",
                "Taped seams, a storm flap, cuffs that close.",
                "Made of {material}, treated without fluorine.",
                "Two pockets sit high enough to be reached [under a hip belt|with a backpack on].",
            ),
            reviews={
                "pleased": (
                    "An hour of pouring rain on the bicycle and my shirt was dry.",
                    "The colour is even lovelier than in the pictures.",
                    "Fits over a thick jumper without looking like a sack.",
                ),
                "torn": (
                    "Keeps the rain out but lets no air through.",
                    "Nice cut, but the sleeves are too long for me.",
                ),
                "cross": (
                    "Soaked to the skin after fifteen minutes.",
                    "The zip broke the first time I closed it.",
                    "The coating peels off inside like old paint.",
                ),
            },
            searches=("rain jacket", "coat for cycling in the rain", "light jacket against rain and wind"),
            gifts=("what to wear in autumn weather",),
        ),
        "zh": Wording(
            names=("雨衣外套", "冲锋衣"),
            traits={
                "可收纳": "可以收进自带的口袋，只有拳头大小。",
                "透气": "腋下有透气拉链，爬坡不闷。",
                "中长款": "长度过臀，骑车也不湿裤子。",
            },
            facts={"颜色": ("姜黄色", "湖蓝色", "橄榄绿"), "材质": ("再生聚酯", "三层尼龙")},
            ranges={"尺码": ("S", "M", "L", "XL", "XXL")},
            said=("帽子可调节，带硬帽檐。", "面料为{材质}，全压胶。"),
            reviews={
                "pleased": ("骑车淋了一小时雨，里面全干。", "颜色比图片还好看。"),
                "torn": ("防雨没问题，就是不太透气。",),
                "cross": ("十五分钟就湿透了。", "拉链第一次用就坏了。"),
            },
            searches=("冲锋衣", "骑车穿的雨衣", "防风防雨的外套"),
        ),
    },
)

JUMPERS: Final = Kind(
    key="jumpers",
    path="Clothing > Knitwear > Jumpers",
    prices=(39, 149),
    words={
        "en": Wording(
            names=("jumper", "crew-neck jumper", "roll-neck jumper"),
            traits={
                "lambswool": "Lambswool from the first shearing: light, springy and warm.",
                "chunky": "Knitted thick, [with cables front and back|on big needles].",
                "cotton": "Cool cotton for people who find wool too [warm|scratchy].",
                "striped": "The stripes meet at the side seams, as they should.",
                "oversized": "Cut wide, with dropped shoulders; take your usual size.",
            },
            facts={
                "colour": ("cream", "heather grey", "bottle green", "plum"),
                "fit": ("regular", "relaxed", "slim"),
            },
            ranges={"sizes": ("XS", "S", "M", "L", "XL")},
            said=(
                "A {fit} fit that sits well under a coat.",
                "Wash by hand in cold water and dry it flat.",
                "Elbows are doubled, where jumpers give out first.",
                "The yarn is spun and dyed by a family mill.",
            ),
            reviews={
                "pleased": (
                    "Fits perfectly and is wonderfully soft.",
                    "Warm without being heavy, I live in it.",
                    "I get compliments every time I wear it.",
                ),
                "torn": (
                    "Pretty, but the wool is thinner than I expected.",
                    "It runs large; I would order a size down.",
                ),
                "cross": (
                    "It shrank two sizes in a cold wash.",
                    "Full of bobbles after two days.",
                    "The sleeves are of different lengths, no joke.",
                ),
            },
            searches=("warm jumper", "wool jumper", "soft jumper that does not itch", "pullover for winter"),
        ),
        "zh": Wording(
            names=("毛衣", "针织衫"),
            traits={
                "羊毛": "选用羔羊毛，轻盈蓬松又保暖。",
                "粗针": "粗针编织，前后绞花。",
                "宽松": "落肩宽松版型，按平时尺码选即可。",
            },
            facts={"颜色": ("米白色", "浅灰色", "酒红色")},
            ranges={"尺码": ("S", "M", "L", "XL")},
            said=("手肘处双层编织，更耐磨。", "建议冷水手洗，平铺晾干。"),
            reviews={
                "pleased": ("非常柔软，版型也好。", "暖和不厚重，天天想穿。"),
                "torn": ("好看，就是比想象中薄。",),
                "cross": ("冷水洗都缩了两码。", "穿两天就起球。"),
            },
            searches=("羊毛毛衣", "不扎人的毛衣", "冬天穿的针织衫"),
        ),
    },
)

T_SHIRTS: Final = Kind(
    key="t-shirts",
    path="Clothing > Tops > T-shirts",
    prices=(14, 45),
    words={
        "en": Wording(
            names=("T-shirt", "tee", "pocket T-shirt"),
            traits={
                "organic cotton": "The cotton is grown without [sprays|pesticides] and spun in one place.",
                "heavyweight": "Dense jersey that [hangs straight|keeps its shape] and never shows through.",
                "quick-dry": "A sports jersey that is dry again by the time the [kettle boils|bath is run].",
                "V-neck": "The neckline is taped and does not curl.",
                "long-sleeved": "Long sleeves with ribbed cuffs, for the weeks between the seasons.",
            },
            facts={
                "colour": ("white", "ink blue", "sage", "terracotta", "black"),
                "print": ("plain", "small lighthouse", "row of herons"),
            },
            ranges={"sizes": ("XS", "S", "M", "L", "XL", "XXL")},
            said=(
                "Print: {print}.",
                "Pre-washed, so it will not shrink.",
                "Side seams instead of a tube, so it does not twist.",
                "No label in the neck.",
            ),
            reviews={
                "pleased": (
                    "Lovely fabric, thick and soft at once.",
                    "Washed ten times and still in shape.",
                    "The fit is spot on, neither tight nor baggy.",
                ),
                "torn": (
                    "Good cotton, but too short for tall people.",
                    "The colour is duller than in the photo.",
                ),
                "cross": (
                    "See-through. Really see-through.",
                    "The seam at the side twisted to the front after one wash.",
                    "The print cracked within a week.",
                ),
            },
            searches=(
                "t-shirt",
                "plain white t-shirt",
                "cotton tee that keeps its shape",
                "t shirt for tall people",
            ),
        ),
        "zh": Wording(
            names=("T恤", "圆领短袖"),
            traits={
                "纯棉": "纯棉面料，亲肤透气。",
                "重磅": "重磅面料，有型不透。",
                "速干": "运动面料，出汗很快就干。",
            },
            facts={"颜色": ("白色", "墨蓝色", "黑色"), "图案": ("纯色", "小灯塔")},
            ranges={"尺码": ("S", "M", "L", "XL", "XXL")},
            said=("已预缩水，洗后不变形。", "图案：{图案}。"),
            reviews={
                "pleased": ("面料厚实又柔软。", "洗了十次还是很挺。"),
                "torn": ("质量可以，高个子穿偏短。",),
                "cross": ("太透了，没法单穿。", "洗一次侧缝就歪了。"),
            },
            searches=("纯棉T恤", "白色短袖", "不透的T恤"),
        ),
    },
)

BEANIES: Final = Kind(
    key="beanies",
    path="Clothing > Accessories > Hats",
    prices=(12, 49),
    goes_with=("jumpers",),
    words={
        "en": Wording(
            names=("beanie", "knitted hat", "bobble hat"),
            traits={
                "merino": "Fine merino, so it can be worn [all day|next to the skin].",
                "fleece-lined": "A band of fleece covers the ears.",
                "thin": "Thin enough to fit under a [cycle|climbing] helmet.",
                "ribbed": "Wide ribs stretch to any head and spring back.",
                "reversible": "Two colours in one: turn it [inside out|round] on Wednesdays.",
            },
            facts={
                "colour": ("mustard", "anthracite", "ice blue", "brick"),
                "material": ("merino wool", "alpaca blend", "recycled cotton"),
            },
            means={
                "merino": {"material": "merino wool"},
                "thin": {"name": "beanie"},
                "fleece-lined": {"material": "alpaca blend"},
            },
            said=(
                "Knitted of {material} in one piece.",
                "One size fits most heads from 54 to 60 cm.",
                "The turn-up can be worn high or low.",
                "Wash it with your jumpers.",
            ),
            reviews={
                "pleased": (
                    "Warm ears at minus ten.",
                    "Does not itch, and my hair survives it.",
                    "My daughter stole it within an hour.",
                ),
                "torn": ("Nice, but it rides up.", "Warm, though larger than I thought."),
                "cross": (
                    "It lost its stretch in a week and now covers my eyes.",
                    "Itches terribly.",
                    "The bobble fell off on the way home.",
                ),
            },
            searches=("beanie", "warm hat for winter", "thin hat under a helmet", "bobble hat"),
        ),
        "zh": Wording(
            names=("毛线帽", "针织帽"),
            traits={
                "羊毛": "细羊毛，贴身不扎。",
                "加绒": "耳侧加绒，大风天也暖。",
                "薄款": "轻薄，可戴在头盔里面。",
            },
            facts={"颜色": ("姜黄色", "炭灰色", "砖红色")},
            said=("弹性好，适合54到60厘米头围。", "可翻边佩戴。"),
            reviews={
                "pleased": ("零下十度耳朵都是暖的。", "不扎头皮，很舒服。"),
                "torn": ("好看，就是会往上跑。",),
                "cross": ("戴一周就松了。", "特别扎，没法戴。"),
            },
            searches=("毛线帽", "冬天保暖的帽子"),
        ),
    },
)

CLOTHING: Final = Department(
    name="Clothing",
    brands={
        "en": ("Wovenlark", "Pennyfold", "Hemlea", "Maristow & Daughters", "Plainstitch"),
        "zh": ("絮间", "棉小叙", "织里时光"),
    },
    kinds=(HIKING_SOCKS, RAIN_JACKETS, JUMPERS, T_SHIRTS, BEANIES),
)
