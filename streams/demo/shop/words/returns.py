"""Support about what came and does not suit: returns, refunds, broken goods, sizes, warranty."""

from typing import Final

from streams.demo.shop.words.theme import Article, Theme

RETURN: Final = Theme(
    key="return_item",
    subjects={"en": ("Return", "How do I send this back?"), "zh": ("我要退货", "退货问题")},
    asks={
        "en": (
            (
                "[How do I return {item}?|I would like to send back {item}.|I want to return {item}.] [I don't like "
                "the colour.|It is not what I expected.|It is still in its box.]"
            ),
            (
                "[Where do I get a return label?|I can't find the return slip.|I need a return label.] [Do I have "
                "to pay for it?|My printer is broken.]"
            ),
            (
                "How [long do I have|many days do I have] to return [something|an order]? [It "
                "arrived on {day}.|It was a gift.]"
            ),
        ),
        "zh": (
            "[我想退货，|怎么退货？|我要退{item}，][颜色不喜欢|和想象的不一样|还没拆封]。",
            "[退货单在哪里？|没有找到退货面单。][需要自己付运费吗？|家里没有打印机。]",
            "收货后[几天内|多久之内]可以退？[{day}收到的。|是别人送的礼物。]",
        ),
    },
    tails={
        "en": (
            "The label can go to {email}.",
            "Order {order}, bought by {name}.",
            "Please collect it at {address}, phone {phone}.",
        ),
        "zh": ("面单请发到 {email} 。", "上门取件地址{address}，电话 {phone} 。"),
    },
    answers={
        "en": (
            (
                "You have 30 days. Choose Return under My orders, [print the label or show the code "
                "at the parcel shop|and show the code at any parcel shop, so no printer is needed], "
                "and drop it off. Returns are free."
            ),
            (
                "[No problem.|Of course.] We have mailed you a return label. Pack the item as it "
                "came, with its tags; once it is back, you are refunded within five working days."
            ),
        ),
        "zh": (
            "收货后30天内可退。在“我的订单”中选择退货，凭二维码到快递点即可，不用打印，运费我们承担。",
            "没问题，退货面单已发到您的邮箱。请保留吊牌按原样包装，收到后五个工作日内退款。",
        ),
    },
    articles={
        "en": Article(
            "Returning something",
            (
                "You may return anything within 30 days, without giving a reason.",
                "Choose Return under My orders.",
                "You get a label to print, or a code to show at the parcel shop.",
                "Returns are free within the country.",
                "Opened food can't be returned.",
            ),
        ),
        "zh": Article(
            "如何退货",
            (
                "收货后30天内可无理由退货。",
                "在“我的订单”中选择“退货”。",
                "可打印面单，也可在快递点出示二维码。",
                "国内退货免运费，已拆封食品除外。",
            ),
        ),
    },
)

REFUND: Final = Theme(
    key="refund",
    subjects={"en": ("Where is my refund?", "Refund for order {order}"), "zh": ("退款还没到", "退款")},
    asks={
        "en": (
            (
                "[Where is my refund|When do I get my money back|I am still waiting for my money]? "
                "[You got the parcel back on {day}.|I returned {item} two weeks ago.]"
            ),
            (
                "The refund for order {order} [is too low|has not arrived|is missing the postage]. "
                "[Please check.|Why is that?]"
            ),
            (
                "[Which account|Where] does the refund go to? [My card has expired.|I have changed "
                "banks.|I paid with a voucher.]"
            ),
        ),
        "zh": (
            "[退款什么时候到|我的退款呢|钱怎么还没退]？[{day}你们就收到退货了。|{item}两周前就退了。]",
            "订单 {order} 的退款[金额不对|还没到账|少了运费]，[请查一下。|是为什么？]",
            "退款会退到[哪里|哪个账户]？[原来的卡过期了。|我换银行了。]",
        ),
    },
    tails={
        "en": ("My account is {iban}.", "I paid with card {card}.", "Please pay it to {iban}, {name}."),
        "zh": ("我的账户是 {iban} 。", "付款的信用卡 {card} 。"),
    },
    answers={
        "en": (
            (
                "We refund within five working days after the parcel is back, the way you paid. "
                "[Banks take another two or three days|Your bank may need two more days] to show it."
            ),
            (
                "We have looked: your refund was [sent yesterday|booked on Monday]. If the card has "
                "expired, the bank passes the money on to your new one. The postage of the order is "
                "refunded when everything goes back."
            ),
        ),
        "zh": (
            "收到退货后五个工作日内原路退款，银行入账可能还要两三天。",
            "已经核实，您的退款昨天已经发出。原卡过期时，银行会转到您的新卡。",
        ),
    },
    articles={
        "en": Article(
            "When refunds arrive",
            (
                "A refund leaves us within five working days after your parcel is back.",
                "It takes the way by which you paid.",
                "Banks need up to three more days.",
                "Vouchers are refunded as vouchers.",
                "Postage is refunded when a whole order goes back.",
            ),
        ),
        "zh": Article(
            "退款多久到账",
            (
                "收到退货后五个工作日内退款。",
                "款项原路退回，银行入账最多再需三天。",
                "整单退货时一并退还运费。",
            ),
        ),
    },
)

BROKEN: Final = Theme(
    key="broken_item",
    subjects={"en": ("Arrived broken", "Damaged on arrival"), "zh": ("收到是坏的", "商品破损")},
    asks={
        "en": (
            (
                "{item} [arrived broken|came damaged|is cracked]. [The box was crushed.|There was "
                "hardly any padding.|I would like a new one.]"
            ),
            (
                "[Unpacked it today|I opened the parcel just now] and [it does not work|a piece is "
                "broken off|it is in pieces]. [What now?|Can you send another one?]"
            ),
            (
                "The parcel [was dented|was wet|was torn] and [so is what was in it|the content is "
                "ruined]. [Do you need photos?|Who pays for that?]"
            ),
        ),
        "zh": (
            "{item}收到就是[坏的|裂的|碎的]，[箱子都压扁了|里面没什么填充|请给我换一个]。",
            "刚拆开，[不能用|缺了一块]，[怎么办|能再发一个吗]？",
            "包裹[压坏了|湿透了]，里面的东西也[坏了|不能用了]，[需要照片吗|谁负责赔]？",
        ),
    },
    tails={
        "en": (
            "I sent photos from {email}.",
            "My number is {phone}, call me any time.",
            "Send it to {address} again.",
        ),
        "zh": ("照片已从 {email} 发出。", "请打电话 {phone} 。"),
    },
    answers={
        "en": (
            (
                "[We are sorry that it arrived like this.|How annoying, sorry.] Send us one photo of "
                "the item and one of the box; we send a new one the same day. [You can throw the "
                "broken one away|The broken one need not come back]."
            ),
            "Damage on the way is our business. You choose: a replacement today, or the full price back.",
        ),
        "zh": (
            "很抱歉收到这样的商品。请拍一张商品和一张外箱的照片，我们当天补发，坏的不用寄回。",
            "运输损坏由我们负责，您可以选择今天补发或全额退款。",
        ),
    },
    articles={
        "en": Article(
            "Something arrived broken",
            (
                "Take a photo of the item and one of the box.",
                "Send both to us within 14 days.",
                "We replace it the same day, or refund the full price.",
                "You need not send the broken item back.",
            ),
        ),
        "zh": Article(
            "收到破损商品",
            ("请拍下商品和外箱的照片。", "14天内发给我们。", "当天补发或全额退款，破损商品无需寄回。"),
        ),
    },
)

SIZE: Final = Theme(
    key="size_exchange",
    about=("Clothing",),
    subjects={"en": ("Wrong size", "Exchange for another size"), "zh": ("换尺码", "尺码不合适")},
    asks={
        "en": (
            (
                "{item} [is|turned out] too [small|large|tight|long]. [Can I exchange it for the "
                "next size?|I need one size up.|Do you have it one size smaller?]"
            ),
            (
                "[How do I|Can I] [exchange|swap] [a size|one size for another]? [The boots pinch.|"
                "The sleeves end at my elbows.|My son has grown.]"
            ),
            "I am between two sizes. [Which one should I take?|Does it run small?|Is there a size chart?]",
        ),
        "zh": (
            "{item}[太小了|太大了|有点紧]，[能换大一码吗|能换小一码吗]？",
            "怎么[换尺码|换一个号]？[鞋子夹脚。|袖子太短。]",
            "我在两个码之间，[该买哪个|偏小吗|有尺码表吗]？",
        ),
    },
    tails={
        "en": (
            "It is order {order}; write to {email}.",
            "Ring me on my mobile {phone} to arrange it.",
            "New one to {address}, please.",
        ),
        "zh": ("请联系我手机 {phone} 。", "订单 {order} ，邮箱 {email} 。"),
    },
    answers={
        "en": (
            (
                "Choose Exchange under My orders and pick the other size: [we send it at once|it "
                "goes out the same day], and you have 14 days to return the first. If your size is "
                "sold out, you get the money back."
            ),
            (
                "Every product has a size chart below the pictures. [Between two sizes, take the "
                "larger one for boots and the smaller one for knitwear.|Between two sizes, we advise "
                "the larger one.]"
            ),
        ),
        "zh": (
            "在“我的订单”中选择换货并选好尺码，我们马上发出，旧的14天内寄回即可。缺码则退款。",
            "商品图片下方有尺码表。介于两个码之间时，鞋子建议选大一码。",
        ),
    },
    articles={
        "en": Article(
            "Exchanging a size",
            (
                "Choose Exchange under My orders and pick the other size.",
                "The new size is sent at once; return the first within 14 days.",
                "Exchanges are free, as often as you need.",
                "If your size is sold out, you are refunded.",
            ),
        ),
        "zh": Article(
            "更换尺码",
            (
                "在“我的订单”中选择“换货”并选择尺码。",
                "新尺码马上发出，旧的请14天内寄回。",
                "换货免运费，缺码则退款。",
            ),
        ),
    },
)

WARRANTY: Final = Theme(
    key="warranty",
    about=("Electronics", "Kitchen"),
    subjects={"en": ("Warranty", "Broken after a few months"), "zh": ("保修", "用几个月就坏了")},
    asks={
        "en": (
            (
                "{item} [stopped working|broke|gave up] after [five months|a year|eighteen months]. "
                "[Is that still under warranty?|Can it be repaired?|How do I claim the guarantee?]"
            ),
            (
                "How long is the [warranty|guarantee] [on {item}|on electronics]? [I lost the "
                "receipt.|The maker does not answer.]"
            ),
            (
                "[The battery no longer holds its charge|The zip has come apart|The seam has opened] "
                "[within the guarantee|in the first year]. [What do you need from me?|Who repairs "
                "it?]"
            ),
        ),
        "zh": (
            "{item}用了[五个月|一年]就[坏了|不能用了]，[还在保修期吗|能修吗]？",
            "{item}保修多久？[发票丢了怎么办？|怎么申请保修？]",
            "[电池充不进电了|拉链坏了]，还不到一年，[找谁修|需要提供什么]？",
        ),
    },
    tails={
        "en": (
            "Bought by {name}, order {order}.",
            "My phone number for the workshop: {phone}.",
            "Send the form to {email}.",
        ),
        "zh": ("订单 {order} ，手机 {phone} 。", "请发到邮箱 {email} 。"),
    },
    answers={
        "en": (
            (
                "Everything we sell has two years of guarantee. The order in your account is the "
                "receipt. [Send us a photo or a short film of the fault|Describe the fault to us], "
                "and we repair it, replace it or refund it."
            ),
            (
                "That is a case for the guarantee. We have sent you a label for the workshop; a "
                "repair takes about [ten|twelve] days, and if it can't be repaired you get a new one."
            ),
        ),
        "zh": (
            "本店商品保修两年，账户里的订单就是凭证。请把故障拍给我们，我们会维修、更换或退款。",
            "属于保修范围，寄修面单已发出，维修约十天，修不好就换新。",
        ),
    },
    articles={
        "en": Article(
            "Guarantee and repairs",
            (
                "All products carry a guarantee of two years.",
                "The order in your account counts as the receipt.",
                "Show us the fault in a photo or a short film.",
                "We repair first; what can't be repaired is replaced or refunded.",
                "Wear, such as thinning soles, is not covered.",
            ),
        ),
        "zh": Article(
            "保修与维修",
            (
                "所有商品保修两年。",
                "账户中的订单即为凭证。",
                "请把故障拍照或录像发给我们。",
                "优先维修，修不好则换新或退款。",
            ),
        ),
    },
)

RETURNS: Final = (RETURN, REFUND, BROKEN, SIZE, WARRANTY)
