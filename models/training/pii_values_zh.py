"""Chinese names, addresses, places and companies, put together from own short lists of common parts."""

from models.training.pii_chance import Chance, words

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "诸葛", "司徒", "慕容")
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文斌志海波鹏飞宇浩然子轩雨欣佳怡思琪梦婷晓东春燕"
    "俊辉嘉豪美玲小雅琳博雪晨阳天佑诗涵一诺梓萱家乐立新永康振凯旭峰云龙慧颖倩莹洁瑶宁安琴芬庆元启航若曦"
)
_PROVINCES = words(
    "广东省 江苏省 浙江省 山东省 四川省 湖北省 湖南省 河南省 河北省 福建省 安徽省 江西省 陕西省 山西省",
    "辽宁省 吉林省 黑龙江省 云南省 贵州省 甘肃省 海南省 青海省 广西壮族自治区 内蒙古自治区 新疆 宁夏",
    "西藏 广东 江苏 浙江 四川 湖南 山东",
)
_CITIES = words(
    "北京 上海 天津 重庆 广州 深圳 东莞 佛山 珠海 中山 惠州 汕头 南京 苏州 无锡 常州 南通 徐州 扬州 杭州",
    "宁波 温州 绍兴 嘉兴 金华 台州 济南 青岛 烟台 潍坊 临沂 成都 绵阳 德阳 宜宾 武汉 宜昌 襄阳 荆州 长沙",
    "株洲 衡阳 岳阳 郑州 洛阳 开封 新乡 石家庄 唐山 保定 邯郸 福州 厦门 泉州 漳州 合肥 芜湖 蚌埠 南昌",
    "九江 赣州 西安 咸阳 宝鸡 太原 大同 沈阳 大连 鞍山 长春 吉林 哈尔滨 大庆 昆明 大理 贵阳 遵义 兰州",
    "海口 三亚 西宁 南宁 桂林 柳州 呼和浩特 包头 乌鲁木齐 银川 拉萨 香港 澳门 台北 高雄 台中",
)
_DISTRICTS = words(
    "朝阳区 海淀区 东城区 西城区 丰台区 浦东新区 徐汇区 静安区 黄浦区 长宁区 天河区 越秀区 海珠区 白云区",
    "番禺区 南山区 福田区 罗湖区 宝安区 龙岗区 玄武区 鼓楼区 秦淮区 江宁区 西湖区 余杭区 滨江区 上城区",
    "武侯区 锦江区 青羊区 金牛区 江汉区 武昌区 洪山区 岳麓区 芙蓉区 雨花区 金水区 中原区 雁塔区 碑林区",
    "历下区 市南区 和平区 铁西区 道里区 思明区 蜀山区 高新区 开发区 昆山市 义乌市 江阴市 晋江市 长沙县",
)
_ROADS = words(
    "人民 中山 解放 建设 和平 新华 文化 胜利 长江 黄河 北京 南京 上海 光明 幸福 东风 朝阳 花园 学府 科技",
    "创业 迎宾 滨江 环城 体育 青年 五一 友谊 工业 振兴 兴业 民生 大学 湖滨 桃园 梅园 金山 银河 天府 江南",
    "望江 龙井 凤凰 翠竹 石桥 永安 平安 长安 太平 西门 东湖",
)
_ROAD_KINDS = ("路", "路", "街", "大道", "东路", "西路", "南路", "北路", "大街", "巷", "中路")
_ESTATES = words(
    "花园 家园 小区 新村 公寓 苑 广场 大厦 国际 名都 雅居 佳苑 豪庭 新城 城市花园 丽景 华府 御园 公馆",
    "科技园",
)
_ESTATE_NAMES = words(
    "阳光 金色 绿地 万科 碧水 翡翠 锦绣 东方 紫荆 枫林 香樟 银杏 荷塘 星河 世纪 时代 康乐 龙湖 明珠 丽都",
)
_COUNTRIES = words(
    "中国 美国 日本 韩国 英国 法国 德国 加拿大 澳大利亚 新加坡 泰国 马来西亚 俄罗斯 意大利 西班牙 新西兰",
    "越南",
)
_COMPANY_NAMES = words(
    "华 信 达 通 源 鑫 盛 宏 伟 瑞 恒 泰 天 地 创 新 云 智 联 海 龙 腾 飞 金 银 博 雅 诚 德 嘉 美 康",
)
_TRADES = words(
    "科技 信息技术 网络 贸易 电子商务 物流 传媒 文化 教育咨询 食品 服装 电器 医疗 建筑 装饰 实业 投资",
    "汽车 房地产",
)
_TITLES = ("先生", "女士", "小姐", "老师", "经理", "师傅")
_SIZE = 1_500


def chinese_values(seed: int) -> dict[str, list[str]]:
    """Values by slot, as those of other countries."""
    random_ = Chance(f"{seed} zh")
    cities = [*_CITIES, *(f"{city}市" for city in _CITIES if city not in ("香港", "澳门"))]
    return {
        "person": [_person(random_) for _ in range(_SIZE)],
        "first": [_given(random_) for _ in range(_SIZE // 2)],
        "last": list(_SURNAMES),
        "titled": [random_.choice(_SURNAMES) for _ in range(_SIZE // 2)],
        "title": list(_TITLES),
        "city": cities,
        "country": _COUNTRIES,
        "state": _PROVINCES,
        "zip": [str(random_.randint(100_000, 859_999)) for _ in range(200)],
        "street": [_street(random_) for _ in range(_SIZE)],
        "address": [_address(random_) for _ in range(_SIZE)],
        "company": [_company(random_) for _ in range(_SIZE)],
        "phone": [f"1{random_.choice('3578')}{random_.randint(0, 999_999_999):09}" for _ in range(200)],
        "email": [f"user{random_.randint(1, 9999)}@example.com" for _ in range(100)],
        "order": [str(random_.randint(10**9, 10**12)) for _ in range(200)],
    }


def _given(random_: Chance) -> str:
    return "".join(random_.sample(_GIVEN, random_.choice((1, 2, 2, 2))))


def _person(random_: Chance) -> str:
    surname = random_.choice(_DOUBLE_SURNAMES) if random_.happens(0.04) else random_.choice(_SURNAMES)
    return surname + _given(random_)


def _street(random_: Chance) -> str:
    road = random_.choice(_ROADS) + random_.choice(_ROAD_KINDS)
    parts = [f"{road}{random_.randint(1, 999)}号"]
    if random_.happens(0.6):
        parts.append(random_.choice(_ESTATE_NAMES) + random_.choice(_ESTATES))
    if random_.happens(0.6):
        parts.append(f"{random_.randint(1, 40)}{random_.choice(('栋', '号楼', '幢', '座'))}")
        if random_.happens(0.5):
            parts.append(f"{random_.randint(1, 4)}单元")
        parts.append(f"{random_.randint(1, 33)}0{random_.randint(1, 8)}{random_.choice(('室', '', '号'))}")
    return "".join(parts)


def _address(random_: Chance) -> str:
    province = random_.choice(_PROVINCES) if random_.happens(0.5) else ""
    city = f"{random_.choice(_CITIES)}{random_.choice(('市', '市', ''))}"
    district = random_.choice(_DISTRICTS) if random_.happens(0.8) else ""
    between = random_.choice(("", "", "", " "))
    return between.join(part for part in (province, city, district, _street(random_)) if part)


def _company(random_: Chance) -> str:
    name = "".join(random_.sample(_COMPANY_NAMES, 2))
    city = random_.choice(_CITIES) if random_.happens(0.5) else ""
    return (
        f"{city}{name}{random_.choice(_TRADES)}{random_.choice(('有限公司', '股份有限公司', '公司', '集团'))}"
    )
