"""Words for what people eat and drink."""

from typing import Final

from streams.demo.shop.kinds import Department, Kind, Wording

COFFEE_BEANS: Final = Kind(
    key="coffee-beans",
    path="Food & drink > Coffee > Whole beans",
    prices=(8, 34),
    goes_with=("coffee-filters", "coffee-grinders"),
    replenishable=True,
    words={
        "en": Wording(
            names=("coffee beans", "whole bean coffee", "coffee"),
            traits={
                "espresso": "Roasted [for espresso|dark]: thick crema, notes of {notes}.",
                "decaffeinated": "The caffeine is taken out with water alone; the taste of {notes} stays.",
                "light-roast": "A light roast for filter coffee that tastes of {notes}.",
                "single-origin": "From one growers' cooperative in {origin}.",
                "fair-trade": "The growers get a fixed price that [covers their costs|is paid in advance].",
            },
            facts={
                "origin": ("Ethiopia", "Colombia", "Guatemala", "Rwanda", "Peru"),
                "notes": ("hazelnut and cocoa", "orange and honey", "dark chocolate", "red berries"),
                "content": ("250 g", "500 g", "1 kg"),
            },
            said=(
                "Roasted slowly, in small drums, on Tuesdays.",
                "The bag of {content} has a valve and closes again.",
                "Grown in {origin}, between 1,500 and 2,000 metres.",
                "Grind it fresh; after [three|four] weeks it is only brown powder.",
            ),
            reviews={
                "pleased": (
                    "Smells heavenly, tastes of {notes} indeed.",
                    "Mild, round, and no trace of bitterness.",
                    "The crema is thick enough to carry sugar.",
                    "Roasted [four days|a week] before it came. That is how it should be.",
                ),
                "torn": (
                    "Good coffee, a little too sour for my taste.",
                    "Decent, but not worth the price of the big bag.",
                ),
                "cross": (
                    "Tastes burnt, like an ashtray.",
                    "The beans were oily and stale.",
                    "The bag was torn and half of it was in the parcel.",
                ),
            },
            searches=(
                "coffee beans",
                "beans for espresso",
                "good filter coffee",
                "mild coffee without bitterness",
            ),
            gifts=(
                "gift for dad who likes coffee",
                "present for a coffee lover",
                "something for my coffee addict brother",
            ),
        ),
        "zh": Wording(
            names=("咖啡豆", "精品咖啡豆"),
            traits={
                "深烘": "深度烘焙，适合意式，油脂丰厚。",
                "浅烘": "浅度烘焙，手冲有{风味}的香气。",
                "低因": "水洗脱因，晚上喝也安心。",
            },
            facts={
                "产地": ("云南", "埃塞俄比亚", "哥伦比亚"),
                "风味": ("坚果", "柑橘", "莓果"),
                "净含量": ("250克", "500克"),
            },
            said=("产自{产地}高海拔庄园。", "小批量新鲜烘焙，带单向透气阀。"),
            reviews={
                "pleased": ("很香，没有苦涩味。", "手冲有明显的{风味}味道，会回购。", "烘焙日期很新鲜。"),
                "torn": ("味道不错，就是有点偏酸。",),
                "cross": ("有一股焦糊味。", "豆子不新鲜，油都出来了。"),
            },
            searches=("咖啡豆", "不酸的咖啡豆", "手冲咖啡豆"),
            gifts=("送给爱喝咖啡的爸爸",),
        ),
    },
)

COFFEE_FILTERS: Final = Kind(
    key="coffee-filters",
    path="Food & drink > Coffee > Filters",
    prices=(3, 15),
    goes_with=("coffee-beans",),
    replenishable=True,
    words={
        "en": Wording(
            names=("coffee filters", "paper filters", "filter papers"),
            traits={
                "unbleached": "Natural brown paper; rinse it once and it tastes of nothing.",
                "conical": "For cone drippers [with a single hole|of all makes].",
                "basket": "Flat-bottomed, for machines with a basket.",
                "hemp": "Hemp fibre is [stronger|tougher] than wood pulp, so the paper can be thinner.",
            },
            facts={"size": ("1-2 cups", "2-4 cups", "4-8 cups"), "pieces": (40, 100, 200)},
            said=(
                "{pieces} pieces in a box that can be hung up.",
                "For {size}.",
                "Goes on the compost with the grounds.",
                "The crimped seam does not open in hot water.",
            ),
            reviews={
                "pleased": (
                    "No papery taste at all.",
                    "They never tear, even when I am careless.",
                    "Exactly right for my dripper.",
                ),
                "torn": ("Fine filters, but the water runs through slowly.", "They fit, just about."),
                "cross": (
                    "Every third one splits at the seam.",
                    "The coffee tastes of cardboard.",
                    "They are smaller than the size on the box.",
                ),
            },
            searches=(
                "coffee filters",
                "filter papers for pour over",
                "paper filter size 4",
                "compostable coffee filter",
            ),
        ),
        "zh": Wording(
            names=("咖啡滤纸", "手冲滤纸"),
            traits={"无漂白": "原木色无漂白，没有纸味。", "锥形": "适合锥形滤杯。"},
            facts={"规格": ("1到2人份", "2到4人份"), "片数": (40, 100)},
            said=("每盒{片数}片。", "{规格}，流速均匀。"),
            reviews={
                "pleased": ("没有纸味，流速刚好。", "很结实，从来没破过。"),
                "torn": ("能用，就是流得有点慢。",),
                "cross": ("好几张接缝都裂开了。",),
            },
            searches=("咖啡滤纸", "手冲用的滤纸"),
        ),
    },
)

TEA: Final = Kind(
    key="tea",
    path="Food & drink > Tea > Loose tea",
    prices=(5, 29),
    goes_with=("kettles", "chocolate"),
    replenishable=True,
    words={
        "en": Wording(
            names=("black tea", "green tea", "herbal tea", "oolong tea"),
            traits={
                "smoky": "Dried over pine fires; [try it with cheese|it tastes of winter].",
                "organic": "Grown without sprays in gardens that have no neighbours.",
                "loose-leaf": "Whole leaves that unroll slowly and can be brewed [twice|three times].",
                "breakfast": "Strong enough for milk, kind enough to drink without.",
                "evening": "Free of caffeine, with lavender and lemon balm.",
            },
            facts={
                "content": ("75 g", "100 g", "200 g"),
                "packing": ("tin", "paper bag"),
                "minutes": (3, 4, 5),
            },
            means={
                "evening": {"name": "herbal tea"},
                "breakfast": {"name": "black tea"},
                "smoky": {"name": "black tea"},
            },
            said=(
                "Brew it for {minutes} minutes.",
                "{content}, in a {packing} that closes tightly.",
                "Picked in spring, and here by early summer.",
                "A pot needs two heaped spoons.",
            ),
            reviews={
                "pleased": (
                    "Fragrant and never bitter, even when I forget the pot.",
                    "The second infusion is the best.",
                    "Tastes like the one I had on holiday.",
                ),
                "torn": ("Pleasant, but rather weak.", "Nice tea, silly price."),
                "cross": (
                    "Dusty, with more stalks than leaves.",
                    "It tastes of perfume.",
                    "The tin was dented and open.",
                ),
            },
            searches=(
                "loose tea",
                "strong tea for breakfast",
                "tea without caffeine for the evening",
                "smoky black tea",
            ),
            gifts=("gift for a tea drinker", "something nice for grandma who drinks tea"),
        ),
        "zh": Wording(
            names=("红茶", "绿茶", "乌龙茶"),
            traits={
                "有机": "有机茶园种植，不施农药。",
                "春采": "春季头采，嫩芽居多。",
                "散装": "整叶散茶，耐泡三道以上。",
            },
            facts={"净含量": ("75克", "100克", "200克"), "包装": ("罐装", "袋装")},
            means={"春采": {"name": "绿茶"}},
            said=("建议用九十度水冲泡三分钟。", "{包装}，净含量{净含量}。"),
            reviews={
                "pleased": ("香气很足，不苦涩。", "泡三道还有味道。"),
                "torn": ("还可以，就是味道偏淡。",),
                "cross": ("碎末太多，像茶渣。", "有股香精味。"),
            },
            searches=("有机绿茶", "好喝的红茶", "耐泡的茶叶"),
            gifts=("送长辈的茶叶",),
        ),
    },
)

CHOCOLATE: Final = Kind(
    key="chocolate",
    path="Food & drink > Sweets > Chocolate",
    prices=(3, 28),
    replenishable=True,
    words={
        "en": Wording(
            names=("chocolate bar", "chocolate box", "drinking chocolate"),
            traits={
                "dark": "{cocoa} cocoa, and little else.",
                "vegan": "Oat milk instead of cow's, and [nobody notices|creamier than you would think].",
                "salted": "With flakes of sea salt that crackle.",
                "hazelnut": "Whole roasted hazelnuts in every [row|spoonful].",
                "sugar-free": "Sweetened with dates alone.",
            },
            facts={"cocoa": ("55 %", "70 %", "85 %"), "content": ("80 g", "150 g", "300 g")},
            means={
                "hazelnut": {"name": "chocolate bar"},
                "salted": {"name": "chocolate bar"},
                "dark": {"cocoa": "85 %"},
            },
            said=(
                "Ground on granite for two days.",
                "{content}, wrapped in paper and no plastic.",
                "The cocoa comes from growers whom the makers know by name.",
                "May contain traces of nuts and milk.",
            ),
            reviews={
                "pleased": (
                    "It melts slowly and leaves no sugar on the tongue.",
                    "Gone in one evening. My fault.",
                    "Dark, but not bitter; just right.",
                ),
                "torn": ("Tasty, but much too sweet.", "Good chocolate in a tiny portion."),
                "cross": (
                    "It arrived as one melted lump.",
                    "White bloom all over, and it tastes of soap.",
                    "Half of the pieces were broken.",
                ),
            },
            searches=(
                "dark chocolate",
                "chocolate without sugar",
                "vegan chocolate",
                "chocolate with sea salt",
            ),
            gifts=("small thank-you gift with chocolate", "chocolate for a birthday"),
        ),
        "zh": Wording(
            names=("巧克力", "巧克力礼盒"),
            traits={
                "黑": "可可含量{可可}，几乎不加糖。",
                "榛子": "整颗烤榛子，口感酥脆。",
                "无糖": "只用椰枣调味，不加蔗糖。",
            },
            facts={"可可": ("55%", "70%", "85%"), "净含量": ("80克", "150克")},
            said=("石磨研磨四十八小时，入口顺滑。", "净含量{净含量}。"),
            reviews={
                "pleased": ("入口即化，一点不腻。", "苦味刚刚好，会再买。"),
                "torn": ("好吃，但太甜了。",),
                "cross": ("收到已经化成一团。", "表面发白，味道怪怪的。"),
            },
            searches=("黑巧克力", "无糖巧克力", "巧克力礼盒"),
        ),
    },
)

OLIVE_OIL: Final = Kind(
    key="olive-oil",
    path="Food & drink > Pantry > Olive oil",
    prices=(9, 39),
    replenishable=True,
    goes_with=("frying-pans",),
    words={
        "en": Wording(
            names=("olive oil", "extra virgin olive oil"),
            traits={
                "early-harvest": (
                    "Pressed from green olives in October: grassy, with a [peppery finish|tickle in "
                    "the throat]."
                ),
                "mild": "Ripe olives make it soft and buttery, for mayonnaise and cake.",
                "unfiltered": "Cloudy on purpose; shake the bottle.",
                "lemon": "Pressed together with whole lemons, for fish and salads.",
            },
            facts={"content": ("250 ml", "500 ml", "1 l"), "variety": ("Koroneiki", "Arbequina", "Picual")},
            said=(
                "Made of {variety} olives alone.",
                "Cold-pressed within four hours of picking.",
                "{content} in a dark bottle that pours without dripping.",
                "Keep it cool and use it within the year.",
            ),
            reviews={
                "pleased": (
                    "Fresh and peppery, wonderful on bread.",
                    "You can taste the olives.",
                    "The bottle pours cleanly, for once.",
                ),
                "torn": (
                    "Good oil, but too sharp for the children.",
                    "Nice enough; the supermarket's is half the price.",
                ),
                "cross": (
                    "Rancid. I poured it away.",
                    "The bottle leaked through the whole parcel.",
                    "No taste of olives at all.",
                ),
            },
            searches=("olive oil", "peppery olive oil", "good oil for salads", "mild olive oil for baking"),
        ),
        "zh": Wording(
            names=("橄榄油", "特级初榨橄榄油"),
            traits={"早收": "十月青果早收，带青草香和微辣。", "清淡": "口味柔和，适合凉拌和烘焙。"},
            facts={"容量": ("250毫升", "500毫升"), "品种": ("科拉喜", "阿贝金纳")},
            said=("采摘后四小时内冷榨。", "选用{品种}橄榄，深色玻璃瓶装。"),
            reviews={
                "pleased": ("味道清新，蘸面包特别香。", "瓶口不漏油，好用。"),
                "torn": ("油不错，孩子觉得有点辣。",),
                "cross": ("一股哈喇味，直接倒掉了。", "瓶子漏了，箱子里全是油。"),
            },
            searches=("橄榄油", "凉拌用的橄榄油"),
        ),
    },
)

FOOD: Final = Department(
    name="Food & drink",
    brands={
        "en": ("Quernstone", "Three Gannets", "Morrowbean", "Saltmarrow", "Old Ferry Roasters"),
        "zh": ("豆屿集", "一盏闲", "谷雨小铺"),
    },
    kinds=(COFFEE_BEANS, COFFEE_FILTERS, TEA, CHOCOLATE, OLIVE_OIL),
)
