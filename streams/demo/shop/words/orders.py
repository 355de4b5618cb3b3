"""Support about what is on its way: tracking, cancelling, addresses, delivery abroad, missing items."""

from typing import Final

from streams.demo.shop.words.theme import Article, Theme

TRACKING: Final = Theme(
    key="track_order",
    subjects={
        "en": ("Where is my order?", "Parcel not here", "Order {order}"),
        "zh": ("我的包裹在哪里", "物流查询"),
    },
    asks={
        "en": (
            (
                "[Where is my order|Where is my parcel|Can you tell me where my package is]? [It was "
                "due on {day}.|I ordered {item} more than a week ago.|]"
            ),
            (
                "I am still waiting for order {order}. [The tracking page has not changed since "
                "{day}.|When will it arrive?|Has it left your warehouse?]"
            ),
            (
                "[The courier says delivered|It says delivered], but [nothing is here|I have not "
                "received anything|my neighbours have nothing either]."
            ),
            (
                "How can I [track|follow] my [parcel|order]? [I never got a link.|The link in the "
                "mail does not work.]"
            ),
        ),
        "zh": (
            "[我的包裹到哪里了|我的订单到哪儿了]？[说好{day}到的。|已经等了一个多星期。]",
            "订单 {order} [一直没收到|物流好几天没更新了]，[请帮我查一下。|什么时候能到？]",
            "显示已签收，但是我[没有收到|家里没人收过]包裹。",
            "怎么查[物流|快递单号]？[没收到链接。|邮件里的链接打不开。]",
        ),
    },
    tails={
        "en": (
            "My order number is {order}, call me on {phone}.",
            "It should go to {address}.",
            "You can reach me at {email}.",
        ),
        "zh": ("我的手机是 {phone} ，请联系我。", "收货地址是{address}。", "邮箱 {email} 。"),
    },
    answers={
        "en": (
            (
                "[Thank you for writing.|Sorry for the wait.] The link in your dispatch e-mail shows "
                "the parcel's latest scan. If it has not moved for three working days, [we start a "
                "search with the carrier|tell us and we ask the carrier to search for it]."
            ),
            (
                "Your parcel has left our warehouse and takes two to four working days. [If the "
                "carrier marked it delivered by mistake|If it says delivered and is not there], "
                "please look with neighbours first; after 48 hours we send a replacement."
            ),
        ),
        "zh": (
            (
                "[您好，|抱歉让您久等，]发货邮件里的链接可以看到最新物流。如果三个工作日没有更新，"
                "我们会请快递公司查件。"
            ),
            (
                "您的包裹已经出库，一般两到四个工作日送达。如显示签收却没收到，请先问问邻居，"
                "满48小时我们给您补发。"
            ),
        ),
    },
    articles={
        "en": Article(
            "Tracking a parcel",
            (
                "Open the link in the dispatch e-mail; it shows the parcel's latest scan.",
                "Standard delivery takes two to four working days.",
                "A scan may be missing for a day while the parcel is between depots.",
                "If nothing has changed for three working days, write to us with the order number.",
            ),
        ),
        "zh": Article(
            "如何查询物流",
            (
                "打开发货邮件中的链接，即可看到最新物流信息。",
                "普通快递需要两到四个工作日。",
                "三个工作日没有更新时，请带上订单号联系我们。",
            ),
        ),
    },
)

CANCEL: Final = Theme(
    key="cancel_order",
    subjects={"en": ("Cancel my order", "Please stop order {order}"), "zh": ("取消订单", "不想要了")},
    asks={
        "en": (
            (
                "[Please cancel|I want to cancel|I would like to cancel] [my order|order {order}|the "
                "order from {day}]. [I ordered the wrong thing.|I ordered twice by mistake.|I have "
                "changed my mind.]"
            ),
            (
                "I clicked [buy|the button] [twice|too early]. [How do I cancel one of the orders?|"
                "Can you stop it before it ships?]"
            ),
            (
                "Is it too late to cancel {item}? [It has not shipped yet.|The page no longer shows "
                "a cancel button.]"
            ),
        ),
        "zh": (
            "[我想取消订单，|请帮我取消订单 {order} ，|{day}下的单还能取消吗？][买错了|重复下单了|不想要了]。",
            "不小心[下了两次单|多点了一次]，[怎么取消其中一个|可以在发货前拦下来吗]？",
            "{item}还没发货，[现在取消来得及吗？|但是页面上找不到取消按钮。]",
        ),
    },
    tails={
        "en": (
            "Refund to {iban}, please.",
            "The order is {order}, under {email}.",
            "I paid with card {card}.",
        ),
        "zh": ("退款请退到账户 {iban} 。", "下单邮箱是 {email} 。"),
    },
    answers={
        "en": (
            (
                "Until an order is packed you can cancel it yourself under My orders. [It was not "
                "packed yet, so we have cancelled it|We have cancelled it for you]; the money is "
                "back within five working days."
            ),
            (
                "The parcel had just left, so we can't stop it any more. [Simply refuse it at the "
                "door|Don't accept it] and we refund everything, or send it back free of charge."
            ),
        ),
        "zh": (
            "订单打包前可以在“我的订单”里自行取消。已经帮您取消，款项五个工作日内原路退回。",
            "包裹刚刚发出，无法拦截。您可以直接拒收，我们收到后全额退款。",
        ),
    },
    articles={
        "en": Article(
            "Cancelling an order",
            (
                "An order can be cancelled under My orders until it is packed.",
                "After that the button disappears; refuse the parcel at the door, or return it.",
                "The money goes back the way you paid within five working days.",
            ),
        ),
        "zh": Article(
            "取消订单",
            ("打包之前，可在“我的订单”中取消。", "打包之后请拒收或退货。", "款项五个工作日内原路退回。"),
        ),
    },
)

CHANGE_ADDRESS: Final = Theme(
    key="change_address",
    subjects={"en": ("Wrong address", "New delivery address"), "zh": ("修改收货地址", "地址填错了")},
    asks={
        "en": (
            (
                "[I moved last week|I gave the old address|There is a typo in my address]. [Can you "
                "change it for order {order}?|Please send it to my new place.|How do I correct it?]"
            ),
            (
                "[Can my parcel go|Could you deliver] to [my office|a neighbour|a parcel shop] "
                "instead? [Nobody is home on weekdays.|I am away from {day} on.]"
            ),
            "How do I change the delivery address [in my account|of an order that is already placed]?",
        ),
        "zh": (
            "[我搬家了|地址填错了|收货地址写成旧的了]，[订单 {order} 能改地址吗|可以帮我改一下吗|怎么修改]？",
            "能不能[改送到公司|放到快递柜|让邻居代收]？[白天家里没人。|{day}我不在家。]",
            "[账户里|已经下单的]收货地址怎么改？",
        ),
    },
    tails={
        "en": (
            "The new address is {address}.",
            "The right one is {name}, {address}, phone {phone}.",
            "Confirm to {email}, please.",
        ),
        "zh": ("新地址是{address}，收件人{name}，电话 {phone} 。", "正确的地址：{address}。"),
    },
    answers={
        "en": (
            (
                "As long as the order is not packed you can change the address under My orders. [We "
                "have corrected it for you|It is done], and you get a new confirmation by e-mail."
            ),
            (
                "The parcel is on its way already; with the link in the dispatch e-mail you can send "
                "it to [a parcel shop|a neighbour] or choose another day."
            ),
        ),
        "zh": (
            "订单打包前可以在“我的订单”里修改地址。我们已帮您改好，请留意确认邮件。",
            "包裹已经发出，您可以通过发货邮件里的链接改送快递柜或改约日期。",
        ),
    },
    articles={
        "en": Article(
            "Changing the delivery address",
            (
                "Addresses are kept in your account under Addresses.",
                (
                    "For an order that is placed, choose Change address under My orders; this works "
                    "until it is packed."
                ),
                (
                    "Once it is on its way, the carrier's link lets you choose a parcel shop, a "
                    "neighbour or another day."
                ),
            ),
        ),
        "zh": Article(
            "修改收货地址",
            (
                "常用地址可在账户的“地址”中修改。",
                "已下单但未打包的订单，可在“我的订单”中改地址。",
                "发货后请用物流链接改送快递柜或改约日期。",
            ),
        ),
    },
)

ABROAD: Final = Theme(
    key="delivery_abroad",
    subjects={
        "en": ("Delivery abroad", "Do you ship to other countries?"),
        "zh": ("能寄到国外吗", "国际配送"),
    },
    asks={
        "en": (
            (
                "Do you [ship|deliver|send parcels] to [Norway|Switzerland|Iceland|Japan|Canada]? "
                "[What does it cost?|How long does it take?|]"
            ),
            (
                "I would like to send {item} to my [sister|parents] in [Chile|New Zealand|Ireland]. "
                "[Is that possible?|Who pays customs?]"
            ),
            (
                "[Customs wants|The customs office asks for] [a paper|an invoice|my number]. [Will I "
                "have to pay duty?|Where do I get that?]"
            ),
        ),
        "zh": (
            "可以[寄到|配送到][挪威|瑞士|日本|加拿大]吗？[运费多少？|要多久？]",
            "想把{item}寄给在[新西兰|爱尔兰]的[妹妹|父母]，[可以吗|关税谁付]？",
            "海关要求提供[发票|证件号]，[需要交税吗|在哪里下载]？",
        ),
    },
    tails={
        "en": (
            "For customs, my ID number is {national_id}.",
            "It would go to {name}, {address}.",
            "Answer to {email}, please.",
        ),
        "zh": ("报关用的身份证号是 {national_id} 。", "收件人{name}，电话 {phone} 。"),
    },
    answers={
        "en": (
            (
                "We deliver to [all of Europe|34 countries]; postage is shown before you pay. "
                "Outside the customs union the recipient pays duty to the carrier, and the invoice "
                "that customs needs is on the outside of the parcel."
            ),
            (
                "[Yes, we do|Gladly]: choose the country at the checkout and you will see price and "
                "time. It takes [five to ten|six to twelve] working days."
            ),
        ),
        "zh": (
            "我们可以配送到34个国家，运费在付款前显示。关税由收件人支付给快递公司，报关发票贴在包裹外面。",
            "可以的，结账时选择国家就能看到运费和时间，一般六到十二个工作日。",
        ),
    },
    articles={
        "en": Article(
            "Delivery to other countries",
            (
                "We deliver to 34 countries; the list is at the checkout.",
                "Postage depends on weight and is shown before you pay.",
                "Outside the customs union the recipient pays duty and tax to the carrier.",
                "The customs invoice is on the outside of the parcel.",
                "Batteries can't be sent by air to all places.",
            ),
        ),
        "zh": Article(
            "国际配送",
            (
                "我们可配送到34个国家，结账时可选。",
                "运费按重量计算，付款前显示。",
                "关税由收件人支付。",
                "报关发票贴在包裹外面。",
            ),
        ),
    },
)

MISSING: Final = Theme(
    key="missing_item",
    subjects={"en": ("Something is missing", "Parcel incomplete"), "zh": ("少发了东西", "包裹不完整")},
    asks={
        "en": (
            (
                "[One item is missing|Something is missing] from [my parcel|order {order}]. [I paid "
                "for two and got one.|{item} was not in the box.]"
            ),
            (
                "The [box|parcel] came today, but [{item} is not in it|half of it is missing|the "
                "screws are missing]. [Was it sent separately?|Please send the rest.]"
            ),
            (
                "You sent me [the wrong thing|somebody else's order|the wrong colour]. [I ordered "
                "{item}.|What shall I do with it?]"
            ),
        ),
        "zh": (
            "[包裹里少了一件|订单 {order} 少发了东西]，[我付了两件的钱只收到一件|没有看到{item}]。",
            "今天收到的箱子里[没有{item}|缺了配件]，[是分开发的吗？|请补发。]",
            "你们[发错货了|发成别的颜色了]，我买的是{item}。",
        ),
    },
    tails={
        "en": ("Photos follow from {email}.", "Call me: {phone}.", "{name}, {address}."),
        "zh": ("照片从 {email} 发给你们。", "请打手机 {phone} 。"),
    },
    answers={
        "en": (
            (
                "[We are sorry about that.|That should not happen.] Larger orders may come in two "
                "parcels; the dispatch e-mail says so. If it does not, we send the missing item "
                "today, free of charge."
            ),
            (
                "Sorry that the wrong thing came. The right one goes out today; [keep the other|send "
                "the other back with the label we mail you], at our expense."
            ),
        ),
        "zh": (
            "非常抱歉。大件订单可能分两个包裹，发货邮件里会注明；如果没有注明，我们今天就免费补发。",
            "抱歉发错了货，正确的商品今天寄出，错发的请用我们寄给您的面单免费退回。",
        ),
    },
    articles={
        "en": Article(
            "An item is missing or wrong",
            (
                "Look at the dispatch e-mail first: large orders travel in several parcels.",
                "If an item is really missing, tell us within 14 days, with the order number.",
                "We send it again at our expense.",
                "A wrong item goes back with a free label.",
            ),
        ),
        "zh": Article(
            "少发或错发",
            (
                "请先看发货邮件，大件订单会分箱发出。",
                "确实缺货的，请在14天内告诉我们订单号。",
                "我们免费补发，错发的商品免费退回。",
            ),
        ),
    },
)

ORDERS: Final = (TRACKING, CANCEL, CHANGE_ADDRESS, ABROAD, MISSING)
