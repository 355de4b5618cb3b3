"""Words for what people plug in."""

from typing import Final

from streams.demo.shop.kinds import Department, Kind, Wording

HEADPHONES: Final = Kind(
    key="headphones",
    path="Electronics > Audio > Headphones",
    prices=(29, 279),
    goes_with=("usb-cables",),
    words={
        "en": Wording(
            names=("headphones", "over-ear headphones", "earphones"),
            traits={
                "noise-cancelling": "Two microphones a side listen to the [train|engine] and take it away.",
                "wireless": "Pairs with two devices at once and remembers eight.",
                "sports": "Sweat-proof, with a hook that [stays put|holds through a half-marathon].",
                "children's": "Never louder than 85 decibels, whatever they try.",
                "open-back": "Open shells let the music breathe; not for the [bus|office].",
            },
            facts={
                "colour": ("graphite", "ivory", "midnight blue"),
                "battery_h": (12, 24, 30, 45),
                "weight_g": (38, 190, 260),
            },
            means={
                "noise-cancelling": {"name": "over-ear headphones", "weight_g": 260},
                "sports": {"name": "earphones", "weight_g": 38},
                "children's": {"name": "headphones", "weight_g": 190},
                "open-back": {"name": "over-ear headphones", "weight_g": 260},
                "wireless": {"name": "headphones", "weight_g": 190},
            },
            said=(
                "The battery lasts {battery_h} hours; ten minutes of charging give three.",
                "Pads and cable can be replaced, and are sold singly.",
                "A warm sound, [with bass that knows its place|clear in the voices].",
                "Folds flat into the case.",
            ),
            reviews={
                "pleased": (
                    "Sounds warm and clear, even when it is turned up.",
                    "I hear details in old records that I never noticed.",
                    "The battery lasts for days, and pairing took a second.",
                    "I forget that I am wearing them.",
                ),
                "torn": (
                    "Good for speech, a little thin for music.",
                    "The sound is pleasant, the app is not.",
                    "Comfortable for two hours, not for four.",
                ),
                "cross": (
                    "The left side went silent in the second week.",
                    "The battery is flat after [an hour|ninety minutes].",
                    "It hisses as soon as the music stops.",
                ),
            },
            searches=(
                "headphones",
                "wireless headphones with long battery life",
                "headphones for the train",
                "earphones for running",
            ),
            gifts=("gift for a teenager who loves music",),
        ),
        "zh": Wording(
            names=("耳机", "头戴式耳机"),
            traits={
                "降噪": "双麦克风主动降噪，地铁里也安静。",
                "无线": "可同时连接两台设备。",
                "运动": "防汗耳挂，跑步不掉。",
            },
            facts={"颜色": ("石墨黑", "象牙白"), "续航": ("24小时", "30小时", "45小时")},
            means={"运动": {"name": "耳机"}},
            said=("续航{续航}，充电十分钟可听三小时。", "耳垫可更换，佩戴舒适。"),
            reviews={
                "pleased": ("音质很好，人声清楚。", "降噪明显，戴着不累。", "电池很耐用，三天充一次。"),
                "torn": ("声音不错，但软件不好用。",),
                "cross": ("第二周左边就没声音了。", "充满电只能用一小时。"),
            },
            searches=("降噪耳机", "续航长的无线耳机", "跑步用的耳机"),
        ),
    },
)

SPEAKERS: Final = Kind(
    key="speakers",
    path="Electronics > Audio > Speakers",
    prices=(35, 329),
    goes_with=("usb-cables",),
    words={
        "en": Wording(
            names=("speaker", "bluetooth speaker", "radio speaker"),
            traits={
                "portable": "Light enough for [one finger|a bicycle basket], loud enough for a picnic.",
                "splash-proof": "It may stand in the rain or on the edge of the bath.",
                "bookshelf": "A wooden box with two real drivers, for people who still listen sitting down.",
                "multi-room": "Up to [six|eight] of them play together in step.",
                "retro": "A round dial, a cloth front, and a knob with weight.",
            },
            facts={
                "colour": ("walnut", "stone", "fire red"),
                "power_w": (10, 20, 40, 60),
                "battery_h": (8, 14, 20),
            },
            said=(
                "{power_w} watts that stay clean to the end.",
                "Runs for {battery_h} hours away from the socket.",
                "Also charges a phone in need.",
                "No app, no account: switch it on and play.",
            ),
            reviews={
                "pleased": (
                    "Fills the whole kitchen and never sounds strained.",
                    "Survived a day at the lake and a fall.",
                    "The bass is deep without booming.",
                ),
                "torn": (
                    "Fine sound, but it loses the connection in the next room.",
                    "Good, if only it remembered the volume.",
                ),
                "cross": (
                    "It hums so loudly that I can't use it at night.",
                    "Awful sound, like a tin can on a string.",
                    "Dead after one shower, so much for splash-proof.",
                ),
            },
            searches=(
                "bluetooth speaker",
                "small speaker for the bathroom",
                "speaker with good bass",
                "speaker for a picnic",
            ),
        ),
        "zh": Wording(
            names=("音箱", "蓝牙音箱"),
            traits={
                "便携": "小巧轻便，野餐也能带。",
                "防水": "防泼溅，浴室也能用。",
                "复古": "布面木箱，旋钮手感好。",
            },
            facts={"颜色": ("胡桃色", "浅灰色"), "功率": ("10瓦", "20瓦", "40瓦")},
            said=("功率{功率}，大音量也不破音。", "开机即连，不用下载软件。"),
            reviews={
                "pleased": ("声音饱满，低音有力。", "摔过一次也没事，很结实。"),
                "torn": ("音质可以，隔一间房就断连。",),
                "cross": ("有很大的电流声。", "洗一次澡就坏了，还说防水。"),
            },
            searches=("蓝牙音箱", "浴室用的防水音箱"),
        ),
    },
)

POWER_BANKS: Final = Kind(
    key="power-banks",
    path="Electronics > Power > Power banks",
    prices=(19, 99),
    goes_with=("usb-cables",),
    words={
        "en": Wording(
            names=("power bank", "battery pack", "portable charger"),
            traits={
                "slim": "As thin as [a phone|two coins], so it fits in the same pocket.",
                "high-capacity": "{capacity_mah} mAh: four to six phones, or a laptop once.",
                "solar": "A solar panel on top [stretches|helps out on] long trips.",
                "fast-charging": "Half an hour brings most phones to [half|60 %].",
                "rugged": "Rubber corners and a cap over the ports, for building sites and boats.",
            },
            facts={
                "colour": ("black", "white", "lime"),
                "capacity_mah": (5000, 10000, 20000, 27000),
                "ports": (1, 2, 3),
            },
            means={"slim": {"capacity_mah": 5000, "ports": 1}, "high-capacity": {"capacity_mah": 27000}},
            said=(
                "Ports: {ports}, USB-C among them.",
                "Four lights say how much is left.",
                "May be taken on board of aeroplanes.",
                "The cells can be replaced by the maker, for a fair price.",
            ),
            reviews={
                "pleased": (
                    "Four days in the mountains and still half full.",
                    "Charges my phone twice and weighs next to nothing.",
                    "Quick, and it does not get hot.",
                ),
                "torn": (
                    "Does its job, but takes all night to fill.",
                    "Strong, and rather heavy for a pocket.",
                ),
                "cross": (
                    "It swelled up after a month. Dangerous!",
                    "It holds half of what is printed on it.",
                    "The port is loose, so it charges only when held.",
                ),
            },
            searches=(
                "power bank",
                "charger for long trips",
                "small battery for the phone",
                "power bank for laptop",
            ),
        ),
        "zh": Wording(
            names=("充电宝", "移动电源"),
            traits={
                "超薄": "薄如手机，放口袋不占地方。",
                "大容量": "{容量}，手机可充四五次。",
                "快充": "半小时可充到六成。",
            },
            facts={"颜色": ("黑色", "白色"), "容量": ("10000毫安时", "20000毫安时")},
            means={"大容量": {"容量": "20000毫安时"}, "超薄": {"容量": "10000毫安时"}},
            said=("四格电量显示。", "可带上飞机。"),
            reviews={
                "pleased": ("出门四天还剩一半电。", "充得快，也不烫。"),
                "torn": ("能用，就是自己充满要一整晚。",),
                "cross": ("用一个月就鼓包了，太危险。", "容量虚标，只能充一次。"),
            },
            searches=("充电宝", "能带上飞机的充电宝", "大容量移动电源"),
        ),
    },
)

USB_CABLES: Final = Kind(
    key="usb-cables",
    path="Electronics > Power > Cables",
    prices=(5, 29),
    words={
        "en": Wording(
            names=("USB-C cable", "charging cable", "USB cable"),
            traits={
                "braided": "A sleeve of [cotton|nylon] braid that does not tangle.",
                "long": "{length_m} m: from the socket to the sofa.",
                "magnetic": "The plug jumps on by itself and comes off when you trip.",
                "right-angled": "The plug bends away, so that you can hold the phone.",
            },
            facts={
                "colour": ("grey", "coral", "black", "sand"),
                "length_m": ("0.5", "1.2", "2", "3"),
                "power_w": (30, 60, 100),
            },
            means={"long": {"length_m": "3"}},
            said=(
                "Carries {power_w} watts and data.",
                "Both ends are relieved of strain by long collars.",
                "Tested for twenty thousand bends.",
                "A strap keeps it rolled up in the bag.",
            ),
            reviews={
                "pleased": (
                    "Sturdy, and as long as I needed.",
                    "Charges at full speed.",
                    "A year old and no fraying.",
                ),
                "torn": ("A good cable, a bit stiff.", "It charges well but the data is slow."),
                "cross": (
                    "Stopped working after [two weeks|a month].",
                    "The plug is too loose and falls out.",
                    "It gets alarmingly hot.",
                ),
            },
            searches=("usb c cable", "long charging cable", "cable that does not break", "strong usb cable"),
        ),
        "zh": Wording(
            names=("数据线", "充电线"),
            traits={
                "编织": "编织外皮，不易打结。",
                "加长": "加长{长度}，躺沙发也能充。",
                "弯头": "弯头设计，边充边玩不硌手。",
            },
            facts={"颜色": ("灰色", "黑色"), "长度": ("2米", "3米")},
            said=("支持60瓦快充。", "接头加固，耐弯折。"),
            reviews={
                "pleased": ("很结实，充电也快。", "长度刚好，用一年没坏。"),
                "torn": ("能用，线有点硬。",),
                "cross": ("两周就充不进电了。", "接头松，一碰就掉。"),
            },
            searches=("充电线", "两米长的数据线"),
        ),
    },
)

HEADLAMPS: Final = Kind(
    key="headlamps",
    path="Electronics > Lights > Headlamps",
    prices=(19, 99),
    goes_with=("power-banks",),
    words={
        "en": Wording(
            names=("headlamp", "head torch"),
            traits={
                "rechargeable": (
                    "Charges by USB-C, and takes three AAA cells [in need|when there is no socket]."
                ),
                "running": "It weighs {weight_g} g and does not bounce.",
                "red-light": "A red light [for maps and sleeping tents|that wakes nobody].",
                "waterproof": "It survives a metre of water for half an hour.",
                "long-range": "{lumens} lumens, reaching [across a valley|150 metres].",
            },
            facts={"lumens": (200, 350, 600), "weight_g": (46, 78, 110), "colour": ("yellow", "grey", "red")},
            means={"long-range": {"lumens": 600}, "running": {"weight_g": 46}},
            said=(
                "One big button that works in gloves.",
                "{lumens} lumens at most, and a dim step that lasts for a hundred hours.",
                "The strap washes at 30 °C.",
                "Locks itself so as not to shine in the bag.",
            ),
            reviews={
                "pleased": (
                    "Bright, light and easy to use with cold fingers.",
                    "The battery outlasted the night.",
                    "I can read in the tent without waking anyone.",
                ),
                "torn": (
                    "Good light, but the strap slips.",
                    "Bright; the button is too easy to press by accident.",
                ),
                "cross": (
                    "It went out in the middle of the descent.",
                    "The battery lasts forty minutes.",
                    "The hinge broke on the second evening.",
                ),
            },
            searches=(
                "headlamp",
                "head torch for running in the dark",
                "rechargeable head torch",
                "lamp for camping",
            ),
        ),
        "zh": Wording(
            names=("头灯", "户外头灯"),
            traits={
                "充电式": "USB-C充电，出门不用带电池。",
                "防水": "可泡水半小时。",
                "远射": "最高{亮度}，照得远。",
            },
            facts={"亮度": ("200流明", "350流明", "600流明"), "颜色": ("黄色", "灰色")},
            means={"远射": {"亮度": "600流明"}},
            said=("大按键，戴手套也能操作。", "带红光模式，不打扰他人。"),
            reviews={
                "pleased": ("很亮很轻，夜跑正好。", "续航给力，一晚上没问题。"),
                "torn": ("够亮，就是头带容易滑。",),
                "cross": ("下山途中突然熄灭。", "四十分钟就没电了。"),
            },
            searches=("头灯", "夜跑头灯", "充电头灯"),
        ),
    },
)

ELECTRONICS: Final = Department(
    name="Electronics",
    brands={
        "en": ("Tonewarren", "Ampersley", "Wattling", "Hollow Oak Audio", "Currantine"),
        "zh": ("声屿社", "微伏记", "亮格子"),
    },
    kinds=(HEADPHONES, SPEAKERS, POWER_BANKS, USB_CABLES, HEADLAMPS),
)
