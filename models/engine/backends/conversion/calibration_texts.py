"""Texts of a shop, made up: what the ranges of 8-bit numbers are measured on, and others to measure the loss on.

All sentences were written for this file. A generator with a fixed seed joins them, so that lengths go from a word to
a paragraph; no sentence is in both sets.
"""

import random

CALIBRATION = 240
HELD_OUT = 160
_OTHER_LANGUAGES_EVERY = 3
_LENGTHS = (1, 1, 1, 2, 2, 3, 4, 6, 9)
"""Sentences of a text; long ones are few, as in a shop."""

_ENGLISH = (
    "Stainless steel water bottle, 750 ml, vacuum insulated, leakproof lid, forest green",
    "Men's lightweight running shoes with breathable mesh upper and cushioned sole",
    "Pack of 3 cotton crew socks, size 39-42, charcoal",
    "USB-C charging cable 2m braided nylon 60W fast charge for laptop and phone",
    "Kids' waterproof rain jacket with hood and reflective stripes, 4-5 years",
    "Organic ground coffee, dark roast, 500 g bag",
    "Adjustable standing desk converter, 32 inch, black",
    "Replacement filter for air purifier model AP-210, set of two",
    "Hand-poured soy candle with cedar and vanilla, burns for about forty hours.",
    "The frame is made of solid beech and is delivered in two parcels with all screws and an illustrated guide.",
    "Machine washable at 30 degrees; do not tumble dry, do not bleach, iron on low heat.",
    "Compatible with most tablets from 9 to 11 inches; the stand folds flat for travel.",
    "wireless earbuds",
    "red summer dress with pockets",
    "gift for a 7 year old who likes dinosaurs",
    "best non stick frying pan induction 28cm",
    "laptop bag 15.6 waterproof",
    "vegan face cream dry skin",
    "size 12 wide fit boots women",
    "cheap phone case shockproof clear",
    "I ordered two of these and both arrived a day early, well packed and exactly as pictured.",
    "The fabric feels thinner than I hoped, and after one wash the hem had come loose on the left side.",
    "It does what it should, nothing more.",
    "Terrible. Broke on the second day and nobody answers my messages!",
    "My daughter wears it every day and refuses to take it off.",
    "The colour is much darker than in the photo, closer to navy than to blue, but I kept it anyway.",
    "Runs small: I usually take a medium and even the large was tight across the shoulders.",
    "Great value for the price, would buy again.",
    "Setup took five minutes, the app found it at once, and the battery lasts about a week.",
    "Honestly not sure why it has so many good ratings.",
    "The smell was so strong that I had to leave it on the balcony for three days.",
    "Soft, warm, light, and it fits into a coat pocket.",
    "Sound is fine for calls; for music there is hardly any bass.",
    "I've had mine for two years now and the zip still works like new.",
    "Half of the screws were missing, the manual is in a language I can't read, and one leg is shorter.",
    "Looks expensive, isn't.",
    "The waist sits higher than on the model, which flatters a shorter figure like mine.",
    "Stopped charging after a month. I sent it back and got a new one within the week, no questions asked.",
    "Where is my parcel? Tracking has not moved since Tuesday.",
    "I was charged twice for the same order, please refund one of the payments.",
    "How do I change the delivery address before it ships?",
    "My discount code says it is not valid, although it was sent to me yesterday.",
    "Can I exchange this for a larger size, or do I have to return it and order again?",
    "Please cancel my subscription and delete my account.",
    "The item arrived damaged: the box was open and the glass is cracked from one side to the other.",
    "I can't log in, the reset mail never arrives.",
    "Do you deliver to the islands, and what does it cost?",
    "What is the warranty on the espresso machine?",
    "I need an invoice with the company's name and tax number on it.",
    "The courier left it with a neighbour who has moved out.",
    "hi, is anyone there?",
    "ok thanks, that helped a lot",
    "no, the other one, from last month",
    "yes please",
    "Could you tell me whether the blue version will be back in stock before the holidays?",
    "If it isn't here by Friday I don't need it any more.",
    "We are sorry for the delay; your replacement leaves our warehouse tomorrow morning.",
    "You can return it within thirty days, unworn and with its label.",
    "Payment failed with an error, but the money has left my account.",
    "The gift card shows a balance of zero although I never used it.",
    "Why was my order split into three parcels with three different dates?",
    "I would like to speak to a human.",
    "5 stars!!!",
    "meh",
)

_CHINESE = (
    "不锈钢保温杯 750毫升 防漏 墨绿色",
    "男士轻便跑步鞋，透气网面，减震鞋底",
    "儿童防水雨衣，带帽，反光条，适合四到五岁",
    "有机黑咖啡粉，深度烘焙，500克装",
    "无线蓝牙耳机",
    "送给七岁男孩的恐龙玩具",
    "不粘平底锅 电磁炉可用 28厘米",
    "干性皮肤用的面霜",
    "收到货了，包装很好，和图片上一样，比预计的还早到一天。",
    "布料比想象的薄，洗了一次左边的线就开了。",
    "质量一般，能用，没什么特别的。",
    "太差了，用了两天就坏了，客服也不回消息！",
    "女儿天天穿，舍不得脱下来。",
    "颜色比照片深很多，不过还是留下了。",
    "尺码偏小，平时穿中号，这次大号都觉得肩膀紧。",
    "性价比很高，下次还会买。",
    "安装只花了五分钟，电池可以用一个星期。",
    "味道很大，在阳台上放了三天才散。",
    "声音打电话够用，听音乐几乎没有低音。",
    "用了两年，拉链还是和新的一样。",
    "少了一半螺丝，说明书也看不懂，桌子还摇晃。",
    "看起来很贵，其实不贵。",
    "我的包裹到哪里了？物流从星期二开始就没有更新。",
    "同一个订单扣了两次款，请退还一次。",
    "发货前怎么修改收货地址？",
    "优惠码显示无效，可是昨天才收到的。",
    "可以换大一号吗，还是要先退货再重新下单？",
    "请取消我的会员并删除账号。",
    "收到的时候盒子是打开的，玻璃从一边裂到另一边。",
    "登录不了，一直收不到重置密码的邮件。",
    "咖啡机保修多久？",
    "我要开公司抬头的发票。",
    "在吗",
    "好的，谢谢，帮了大忙",
    "不是这个，是上个月的那个",
    "蓝色的过年前还会有货吗？",
    "非常抱歉耽误了，您的换货明天早上发出。",
    "三十天内可以退货，不要剪吊牌。",
    "付款失败，但是钱已经扣了。",
    "转人工",
)

_OTHERS = (
    "Botella de agua de acero inoxidable, 750 ml, tapa a prueba de fugas, color verde bosque.",
    "La tela es más fina de lo que esperaba y se descosió al primer lavado.",
    "¿Dónde está mi pedido? El seguimiento no cambia desde el martes.",
    "Me encanta, lo uso todos los días y ya he pedido otro para mi hermana.",
    "Leichte Laufschuhe für Herren mit atmungsaktivem Obermaterial, Größe 43",
    "Die Farbe ist viel dunkler als auf dem Bild, behalten habe ich es trotzdem.",
    "Mir wurde der Betrag zweimal abgebucht, bitte erstatten Sie eine Zahlung.",
    "Nach zwei Tagen kaputt, und niemand antwortet.",
    "Veste de pluie imperméable pour enfant, avec capuche, 4 à 5 ans",
    "Taille petit : d'habitude je prends du M et même le L me serre aux épaules.",
    "Comment puis-je changer l'adresse de livraison avant l'envoi ?",
    "Très bon rapport qualité-prix, je rachèterai.",
    "ステンレス製の水筒、750ml、漏れないふた付き、深緑",
    "写真より色がかなり濃いですが、気に入ったので使っています。",
    "荷物はどこですか。火曜日から追跡が更新されていません。",
    "二日で壊れました。とても残念です。",
    "무선 이어폰, 방수, 충전 케이스 포함",
    "배송이 빠르고 포장도 꼼꼼했어요. 다음에도 살게요.",
    "주문을 취소하고 환불받고 싶습니다.",
    "Чёрные беспроводные наушники, шумоподавление",
    "Пришло на день раньше, хорошо упаковано, всё как на фото.",
    "Где моя посылка? Статус не меняется третий день.",
    "Meias de algodão, pacote com três pares, cinza escuro",
    "O zíper quebrou na primeira semana e ninguém responde às mensagens.",
    "Posso trocar por um tamanho maior?",
    "Caffè macinato biologico, tostatura scura, confezione da 500 g",
    "Il pacco è arrivato aperto e il vetro era rotto.",
    "سماعات لاسلكية مقاومة للماء مع علبة شحن",
    "وصل المنتج مكسورًا وأريد استرداد المبلغ.",
    "Su geçirmez çocuk yağmurluğu, kapüşonlu, 4-5 yaş",
    "Kargom nerede? Takip üç gündür güncellenmedi.",
    "कपड़ा उम्मीद से पतला है, लेकिन दाम के हिसाब से ठीक है।",
    "मेरा ऑर्डर कब आएगा?",
    "Tai nghe không dây chống nước, màu trắng",
    "Kurtka jest ciepła i lekka, polecam każdemu.",
)


def calibration_texts() -> list[str]:
    """The texts that activations' ranges are measured on; the same ones on every call."""
    return _texts(CALIBRATION, 0)


def held_out_texts() -> list[str]:
    """Texts of other sentences, to measure what 8 bits lose."""
    return _texts(HELD_OUT, 1)


def _texts(count: int, half: int) -> list[str]:
    """`count` different texts out of every other sentence, a third of them not in English."""
    chance = random.Random(half)  # noqa: S311 - repeatable, not secret
    english, chinese, others = (pool[half::2] for pool in (_ENGLISH, _CHINESE, _OTHERS))
    texts: dict[str, None] = {}
    while len(texts) < count:
        pool = english
        if len(texts) % _OTHER_LANGUAGES_EVERY == 0:
            pool = chinese if len(texts) % 2 else others
        sentences = chance.sample(pool, chance.choice(_LENGTHS))
        texts["".join(sentences) if pool is chinese else " ".join(sentences)] = None
    return list(texts)
