"""Words for what animals need."""

from typing import Final

from streams.demo.shop.kinds import Department, Kind, Wording

DOG_FOOD: Final = Kind(
    key="dog-food",
    path="Pets > Dogs > Food",
    prices=(9, 69),
    goes_with=("dog-leads", "pet-beds"),
    replenishable=True,
    words={
        "en": Wording(
            names=("dog food", "dry dog food", "dog biscuits"),
            traits={
                "grain-free": "Potato and peas instead of grain, for [sensitive stomachs|dogs that scratch].",
                "puppy": "Small pieces with more calcium, up to the twelfth month.",
                "senior": "Less fat, and [mussel meal|collagen] for old joints.",
                "hypoallergenic": "A single source of protein: {flavour}.",
            },
            facts={"flavour": ("lamb", "salmon", "duck", "beef"), "content": ("2 kg", "5 kg", "12 kg")},
            said=(
                "Meat first: 60 % {flavour}.",
                "Baked, not extruded.",
                "The bag of {content} has a zip.",
                "Change over slowly, within a week.",
            ),
            reviews={
                "pleased": (
                    "Our fussy old lady empties the bowl at once.",
                    "No more scratching since we changed to this.",
                    "Shiny coat, firm stools, happy dog.",
                ),
                "torn": (
                    "He eats it, without enthusiasm.",
                    "Good food, but the pieces are too big for small dogs.",
                ),
                "cross": (
                    "She would not touch it, and she eats everything.",
                    "He was sick twice in one night.",
                    "The bag was crawling with moths.",
                ),
            },
            searches=("dog food", "food for a dog with allergies", "dry food for old dogs", "puppy food"),
        ),
        "zh": Wording(
            names=("狗粮", "犬用干粮"),
            traits={
                "无谷": "不含谷物，肠胃敏感的狗狗也能吃。",
                "幼犬": "小颗粒高钙，适合一岁以下。",
                "老年犬": "低脂配方，呵护关节。",
            },
            facts={"口味": ("羊肉", "三文鱼", "鸭肉"), "净含量": ("2公斤", "5公斤")},
            said=("{口味}含量六成以上。", "自封口包装，净含量{净含量}。"),
            reviews={
                "pleased": ("挑食的狗子一口气吃光。", "换了以后毛发亮了，也不挠了。"),
                "torn": ("肯吃，就是颗粒有点大。",),
                "cross": ("闻都不闻，白买了。", "吃完就吐。"),
            },
            searches=("狗粮", "过敏狗狗吃的狗粮", "幼犬粮"),
        ),
    },
)

CAT_LITTER: Final = Kind(
    key="cat-litter",
    path="Pets > Cats > Litter",
    prices=(7, 32),
    goes_with=("cat-toys",),
    replenishable=True,
    words={
        "en": Wording(
            names=("cat litter", "clumping cat litter", "wood cat litter"),
            traits={
                "dust-free": "Washed twice, so that nothing [rises|flies] when you pour.",
                "plant-based": "Made of {base}; small amounts may go on the compost.",
                "odour-locking": "It binds the smell for [a week|five days and more].",
                "lightweight": "Half the weight of clay, for people on the fourth floor.",
            },
            facts={"base": ("spruce fibre", "maize", "pea husks"), "content": ("6 l", "12 l", "24 l")},
            means={"plant-based": {"name": "clumping cat litter"}},
            said=(
                "Clumps quickly and firmly.",
                "{content} last one cat for about [three|four] weeks.",
                "The grains are too large to stick to paws.",
                "No perfume.",
            ),
            reviews={
                "pleased": (
                    "No smell, no dust, and the cat approves.",
                    "The clumps hold together when I scoop.",
                    "Hardly a grain outside the box.",
                ),
                "torn": (
                    "Works well, but it gets carried all over the flat.",
                    "Good litter, too dear for three cats.",
                ),
                "cross": (
                    "A cloud of dust every time. We all coughed.",
                    "It turns to mud.",
                    "The cat has gone on strike.",
                ),
            },
            searches=(
                "cat litter",
                "litter that does not smell",
                "cat litter without dust",
                "compostable cat litter",
            ),
        ),
        "zh": Wording(
            names=("猫砂", "植物猫砂"),
            traits={
                "无尘": "两道除尘，倒砂不扬灰。",
                "植物": "以{原料}制成，可少量冲厕。",
                "除臭": "锁味力强，一周没异味。",
            },
            facts={"原料": ("豆腐渣", "玉米", "松木"), "容量": ("6升", "12升")},
            said=("结团快，不粘底。", "{容量}装，一只猫约用三周。"),
            reviews={
                "pleased": ("没灰没味，猫主子也满意。", "结团很结实，好铲。"),
                "torn": ("除臭可以，就是会带得到处都是。",),
                "cross": ("粉尘太大，呛人。", "一碰就散，成了泥。"),
            },
            searches=("无尘猫砂", "除臭猫砂", "豆腐猫砂"),
        ),
    },
)

DOG_LEADS: Final = Kind(
    key="dog-leads",
    path="Pets > Dogs > Leads",
    prices=(12, 59),
    goes_with=("dog-food",),
    words={
        "en": Wording(
            names=("dog lead", "training lead", "rope lead"),
            traits={
                "reflective": "Woven with thread that lights up [in headlights|at dusk].",
                "adjustable": "Three rings make it 1.1, 1.5 or {length_m} m long.",
                "hands-free": "It goes around the hips, for [joggers|people with prams].",
                "shock-absorbing": "A spring section softens the moment when the squirrel appears.",
            },
            facts={
                "colour": ("cobalt", "orange", "olive"),
                "material": ("climbing rope", "leather", "biothane"),
                "length_m": ("1.8", "2", "3"),
            },
            said=(
                "Made of {material}.",
                "A brass hook that opens with one thumb.",
                "For dogs up to [25|40] kg.",
                "The loop is padded.",
            ),
            reviews={
                "pleased": (
                    "Lies softly in the hand, even when he pulls.",
                    "You can see us from far away now.",
                    "Washed it ten times, still like new.",
                ),
                "torn": ("Strong, but heavy for a small dog.", "Nice lead; the hook squeaks."),
                "cross": (
                    "The hook opened by itself next to the road!",
                    "Chewed through in a day.",
                    "The colour came off on my hands.",
                ),
            },
            searches=(
                "dog lead",
                "lead for jogging with a dog",
                "strong lead for a dog that pulls",
                "reflective dog lead",
            ),
        ),
        "zh": Wording(
            names=("牵引绳", "狗绳"),
            traits={
                "反光": "织入反光线，夜里更安全。",
                "可调节": "三档长度，训练散步都合适。",
                "缓冲": "带弹性缓冲段，突然爆冲不勒手。",
            },
            facts={"颜色": ("宝蓝色", "橙色"), "材质": ("登山绳", "真皮")},
            said=("{材质}材质，铜扣结实。", "手柄加软垫。"),
            reviews={
                "pleased": ("手感柔软，大狗也拉得住。", "晚上反光很明显。"),
                "torn": ("结实，小狗用有点重。",),
                "cross": ("扣子在马路边自己开了！", "一天就被咬断。"),
            },
            searches=("狗狗牵引绳", "防爆冲的狗绳"),
        ),
    },
)

CAT_TOYS: Final = Kind(
    key="cat-toys",
    path="Pets > Cats > Toys",
    prices=(4, 39),
    words={
        "en": Wording(
            names=("cat toy", "cat wand", "toy mouse"),
            traits={
                "feather": "Feathers on a wire that [never flies|dances] the same way twice.",
                "catnip": "Filled with catnip, [grown without sprays|renewable by a small zip].",
                "interactive": "It rolls off by itself and hides under the sofa.",
                "felt": "Felted by hand of pure wool.",
            },
            facts={"colour": ("grey", "rainbow", "green"), "material": ("felt", "sisal", "cotton")},
            means={
                "feather": {"name": "cat wand"},
                "catnip": {"name": "toy mouse"},
                "interactive": {"name": "cat toy"},
                "felt": {"name": "toy mouse", "material": "felt"},
            },
            said=(
                "No small parts to swallow.",
                "Of {material}, sewn twice.",
                "For cats of all ages who pretend not to care.",
                "Put it away after play and it stays exciting.",
            ),
            reviews={
                "pleased": (
                    "Our lazy tomcat jumps again.",
                    "An hour of peace every evening.",
                    "Survived three kittens.",
                ),
                "torn": ("Fun for two days, then ignored.", "Nice, but louder than I thought."),
                "cross": (
                    "In pieces after ten minutes.",
                    "The motor died on the first day.",
                    "The feathers came out and she tried to eat them.",
                ),
            },
            searches=("cat toy", "toy for a bored cat", "toy to keep an indoor cat busy", "catnip mouse"),
            gifts=("gift for a cat", "something for my sister's new kitten"),
        ),
        "zh": Wording(
            names=("猫玩具", "逗猫棒"),
            traits={
                "羽毛": "羽毛灵动，猫咪追不停。",
                "猫薄荷": "内含天然猫薄荷。",
                "自动": "自动滚动，主人不在家也能玩。",
            },
            facts={"颜色": ("灰色", "彩色"), "材质": ("羊毛毡", "剑麻")},
            means={"羽毛": {"name": "逗猫棒"}, "猫薄荷": {"name": "猫玩具"}, "自动": {"name": "猫玩具"}},
            said=("{材质}制成，双层缝线。", "无小零件，更安全。"),
            reviews={
                "pleased": ("胖猫都跳起来了。", "每天晚上能玩一小时。"),
                "torn": ("新鲜两天就不理了。",),
                "cross": ("十分钟就散架。", "第一天马达就坏了。"),
            },
            searches=("逗猫棒", "给猫解闷的玩具"),
        ),
    },
)

PET_BEDS: Final = Kind(
    key="pet-beds",
    path="Pets > Beds",
    prices=(19, 129),
    words={
        "en": Wording(
            names=("dog bed", "cat bed", "pet bed"),
            traits={
                "orthopaedic": "Two layers of foam take the weight off [old hips|stiff joints].",
                "washable": "The cover comes off and goes into the machine at 60 °C.",
                "raised": "A frame keeps it off the cold floor, [in the garden, too|with air below].",
                "cave": "A roof over the head, for those who like to look out unseen.",
            },
            facts={
                "colour": ("stone", "moss", "rust"),
                "size": ("S", "M", "L", "XL"),
                "cover": ("corduroy", "canvas", "plush"),
            },
            means={"cave": {"name": "cat bed", "size": "S"}, "orthopaedic": {"name": "dog bed", "size": "L"}},
            said=(
                "Cover of {cover}.",
                "Size {size}.",
                "The rim is a pillow.",
                "The underside does not slip on floorboards.",
            ),
            reviews={
                "pleased": (
                    "He has not slept on the sofa since.",
                    "Easy to wash and dry in a day.",
                    "My old dog gets up without groaning now.",
                ),
                "torn": (
                    "Soft, but smaller than it looks in the picture.",
                    "Pretty; every hair shows on it.",
                ),
                "cross": (
                    "Flat as a pancake after two weeks.",
                    "A chemical smell that would not go away.",
                    "The zip broke in the first wash.",
                ),
            },
            searches=("dog bed", "bed for an old dog", "washable dog bed", "cat cave"),
        ),
        "zh": Wording(
            names=("宠物窝", "狗窝", "猫窝"),
            traits={
                "可拆洗": "外套可拆，机洗六十度。",
                "护关节": "双层海绵，老年宠物也舒服。",
                "半封闭": "半封闭设计，给它安全感。",
            },
            facts={"颜色": ("米灰色", "苔绿色"), "尺寸": ("小号", "中号", "大号")},
            means={"护关节": {"尺寸": "大号"}},
            said=("{尺寸}，四边有靠枕。", "底部防滑。"),
            reviews={
                "pleased": ("买了以后再也不上沙发睡了。", "好洗，一天就干。"),
                "torn": ("软和，就是比图片小。",),
                "cross": ("两周就塌了。", "味道刺鼻，散不掉。"),
            },
            searches=("可拆洗的狗窝", "猫窝", "老年狗睡的窝"),
        ),
    },
)

PETS: Final = Department(
    name="Pets",
    brands={
        "en": ("Waggonby", "Tuftwell", "Pawlington", "Good Old Bramble", "Whiskerley"),
        "zh": ("爪爪镇", "毛球日和", "尾巴摇"),
    },
    kinds=(DOG_FOOD, CAT_LITTER, DOG_LEADS, CAT_TOYS, PET_BEDS),
)
