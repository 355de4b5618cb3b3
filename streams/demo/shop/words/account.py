"""Support about money and accounts: payment, invoices, gift cards, passwords; and what no article answers."""

from typing import Final

from streams.demo.shop.words.theme import Article, Theme

PAYMENT: Final = Theme(
    key="payment_failed",
    subjects={"en": ("Payment failed", "Charged twice?"), "zh": ("付款失败", "扣款问题")},
    asks={
        "en": (
            (
                "[My payment was declined|The payment failed|Paying does not work]. [The card is "
                "fine elsewhere.|I tried three times.|The page just spins.]"
            ),
            (
                "[My card was charged twice|Money was taken twice] for [one order|order {order}]. "
                "[Please give one back.|Why?]"
            ),
            (
                "[Which ways of paying do you take|Can I pay by invoice|Do you take cards from "
                "abroad]? [At the checkout I see only cards.|My bank wants a code that never comes.]"
            ),
        ),
        "zh": (
            "[付款失败|支付不了|银行卡被拒]，[卡在别处能用|试了三次都不行]。",
            "订单 {order} [扣了两次款|重复扣款]，[请退一次。|怎么回事？]",
            "你们支持[哪些付款方式|货到付款|国外的卡]吗？[收不到银行验证码。|结账页面只有信用卡。]",
        ),
    },
    tails={
        "en": (
            "The card is {card}.",
            "It was card {card}, in the name of {name}.",
            "My IP address is {ip}, if that helps.",
            "Account {iban}.",
        ),
        "zh": ("信用卡号 {card} 。", "我的IP地址是 {ip} 。", "银行账户 {iban} 。"),
    },
    answers={
        "en": (
            (
                "When a payment is declined, it is the bank that declines it, mostly because the "
                "code was not confirmed in time. [Try again after ten minutes|Please wait ten "
                "minutes and try again] or choose another way to pay. Please never send us card "
                "numbers."
            ),
            (
                "The second amount is only reserved, not charged; your bank [lets go of it|releases "
                "it] within five days. We take cards, bank transfer and invoice."
            ),
        ),
        "zh": (
            "付款被拒通常是银行验证码没有及时确认，请十分钟后再试或换一种方式。请不要把卡号发给我们。",
            "第二笔只是预授权，并未扣款，银行五天内会自动释放。",
        ),
    },
    articles={
        "en": Article(
            "When a payment fails",
            (
                "Payments are declined by the bank, not by us.",
                "Most often the confirmation in the bank's app came too late.",
                "Wait ten minutes and try again, or choose bank transfer or invoice.",
                "An amount that appears twice is reserved once, and released within five days.",
                "Never send us a card number.",
            ),
        ),
        "zh": Article(
            "付款失败怎么办",
            (
                "付款由银行审核，被拒请先查看银行短信或应用。",
                "十分钟后重试，或改用转账。",
                "重复金额为预授权，五天内释放。",
                "请勿发送银行卡号。",
            ),
        ),
    },
)

INVOICE: Final = Theme(
    key="invoice",
    subjects={"en": ("Invoice needed", "Invoice for order {order}"), "zh": ("开发票", "发票问题")},
    asks={
        "en": (
            (
                "[I need an invoice|Please send me the invoice|I can't find the invoice] for "
                "[order {order}|my last order|{item}]. [It is for my employer.|My accountant asks "
                "for it.|]"
            ),
            (
                "The invoice [has the wrong name|shows the old address|lacks the VAT number]. [Can "
                "you issue a new one?|Please correct it.]"
            ),
            (
                "Can I get [an invoice|a receipt] in the name of [my company|our club]? [The order "
                "is from {day}.|I have not paid yet.]"
            ),
        ),
        "zh": (
            "[我需要发票，|请开发票，|发票在哪里下载？][订单号 {order} |公司报销用|会计要的]。",
            "发票[抬头错了|地址是旧的|没有税号]，[能重开吗？|请更正。]",
            "可以开[公司抬头|单位]的发票吗？[{day}下的单。|还没付款。]",
        ),
    },
    tails={
        "en": (
            "Please mail it to {email}.",
            "In the name of {name}, {address}.",
            "My ID number for the invoice is {national_id}.",
        ),
        "zh": ("请发到 {email} 。", "抬头：{name}，身份证号 {national_id} 。"),
    },
    answers={
        "en": (
            (
                "Every invoice is in your account under My orders as a PDF, [from the day of "
                "dispatch on|as soon as the parcel has left]. Name and VAT number can be changed "
                "there for 30 days; a new one is made at once."
            ),
            (
                "[Done:|Gladly.] We have issued the invoice again with the right details; you find "
                "it under My orders."
            ),
        ),
        "zh": (
            "发货后可在“我的订单”下载PDF发票，30天内可自行修改抬头和税号。",
            "已经按正确信息重新开具，请在“我的订单”中下载。",
        ),
    },
    articles={
        "en": Article(
            "Invoices",
            (
                "Invoices are in your account under My orders, as PDF, from the day of dispatch on.",
                "Name, address and VAT number can be corrected there for 30 days.",
                "For orders without an account, the invoice is attached to the dispatch e-mail.",
            ),
        ),
        "zh": Article(
            "发票",
            (
                "发货后可在“我的订单”下载电子发票。",
                "30天内可自行修改抬头、地址和税号。",
                "未注册的订单，发票附在发货邮件里。",
            ),
        ),
    },
)

GIFT_CARD: Final = Theme(
    key="gift_card",
    subjects={"en": ("Gift card", "Voucher does not work"), "zh": ("礼品卡", "优惠码用不了")},
    asks={
        "en": (
            (
                "My [gift card|voucher] [is not accepted|does not work|is said to be used up]. [I "
                "got it for my birthday.|The code is hard to read.|It was never used.]"
            ),
            (
                "[How do I use|Where do I enter] [a gift card|the voucher code]? [The checkout does "
                "not ask for it.|Can I use two at once?]"
            ),
            (
                "How long is a [gift card|voucher] valid? [Can I see what is left on it?|Can I give "
                "it to somebody else?]"
            ),
        ),
        "zh": (
            "[礼品卡|优惠码][用不了|提示已使用|显示无效]，[生日收到的|从来没用过]。",
            "[礼品卡|优惠码]在哪里输入？[结账页面没有看到。|能同时用两张吗？]",
            "礼品卡[有效期多久|怎么查余额|能转送别人吗]？",
        ),
    },
    tails={
        "en": ("It was bought by {name}, {email}.", "Paid with card {card}.", "Call me on {phone}."),
        "zh": ("购买邮箱 {email} 。", "电话 {phone} 。"),
    },
    answers={
        "en": (
            (
                "The code goes into the field Voucher in the last step of the checkout, [without "
                "spaces|letters and digits without gaps]. Several can be used together; what is left "
                "stays on the card for three years."
            ),
            (
                "We have checked the code: [an O was read as a zero|the last digit was missing]. It "
                "is valid, and the whole amount is still on it."
            ),
        ),
        "zh": (
            "在结账最后一步的“优惠码”栏输入，不要带空格。可以同时用多张，余额三年内有效。",
            "我们查过了，卡是有效的，余额也都在，可能是把字母O输成了数字0。",
        ),
    },
    articles={
        "en": Article(
            "Gift cards and vouchers",
            (
                "Enter the code in the field Voucher in the last step of the checkout, without spaces.",
                "Several codes can be used for one order.",
                "What is left stays on the card.",
                "Gift cards are valid for three years and can be given away.",
            ),
        ),
        "zh": Article(
            "礼品卡与优惠码",
            (
                "在结账最后一步的“优惠码”栏输入，不带空格。",
                "一个订单可使用多张。",
                "礼品卡三年有效，可以转赠。",
            ),
        ),
    },
)

PASSWORD: Final = Theme(
    key="password",
    subjects={"en": ("Can't log in", "Password"), "zh": ("登录不了", "忘记密码")},
    asks={
        "en": (
            (
                "[I can't log in|I am locked out|My password is no longer accepted]. [The reset mail "
                "never comes.|I forgot it.|It worked on {day}.]"
            ),
            (
                "How do I [reset|change] my password? [I no longer have the old e-mail address.|The "
                "link has expired.]"
            ),
            (
                "[Somebody was in my account|I got a mail about a login that was not me]. [What "
                "shall I do?|Please lock it.]"
            ),
        ),
        "zh": (
            "[登录不了|账号被锁了|密码不对]，[收不到重置邮件|忘记密码了]。",
            "怎么[重置密码|修改密码]？[原来的邮箱不用了。|链接过期了。]",
            "[有人登录了我的账号|收到异地登录提醒]，[怎么办？|请帮我锁定。]",
        ),
    },
    tails={
        "en": (
            "My account is {email}.",
            "The login came from the IP address {ip}.",
            "My new e-mail address is {email}, phone {phone}.",
        ),
        "zh": ("我的账号是 {email} 。", "登录的IP地址是 {ip} 。"),
    },
    answers={
        "en": (
            (
                "Choose Forgot password on the login page; the link in the mail is good for one "
                "hour. [Look into the spam folder, too|It sometimes lands in spam]. After five wrong "
                "attempts the account opens again by itself after 30 minutes."
            ),
            (
                "We have logged out all devices. Please set a new password that you use nowhere "
                "else, and switch on the second step under Security."
            ),
        ),
        "zh": (
            "请在登录页点“忘记密码”，邮件里的链接一小时内有效，也请看看垃圾箱。输错五次会锁定30分钟。",
            "我们已退出所有设备。请设置新密码，并在“安全”里开启两步验证。",
        ),
    },
    articles={
        "en": Article(
            "Logging in and passwords",
            (
                "Choose Forgot password on the login page.",
                "The link in the mail is good for one hour; look into the spam folder, too.",
                "After five wrong attempts an account is locked for 30 minutes.",
                (
                    "If you suspect a stranger, change the password and switch on the second step "
                    "under Security."
                ),
            ),
        ),
        "zh": Article(
            "登录与密码",
            (
                "在登录页点“忘记密码”。",
                "邮件链接一小时内有效，请检查垃圾箱。",
                "输错五次锁定30分钟。",
                "怀疑被盗请改密码并开启两步验证。",
            ),
        ),
    },
)

STOCK: Final = Theme(
    key="back_in_stock",
    subjects={"en": ("Sold out", "When is it back?"), "zh": ("什么时候补货", "缺货")},
    asks={
        "en": (
            (
                "{item} is sold out. [When is it back in stock?|Is it gone for good?|Will you get it again?|Can I "
                "order it in advance?]"
            ),
            (
                "[I have been waiting for weeks for|Whenever I look I can't get] {item}. [Can you "
                "tell me when it comes?|Do you have a waiting list?|Is it worth waiting?]"
            ),
            "[Can you put one aside for me|Will you tell me|Can I be told] when {item} is [available|in stock] again?",
        ),
        "zh": (
            "{item}[卖完了|没货了]，[什么时候补货|还会再进吗|能预订吗]？",
            "等{item}等了好几周，[什么时候有|有到货提醒吗]？",
            "{item}到货了能[通知我|给我留一个]吗？",
        ),
    },
    tails={
        "en": ("Write to {email} when it is there.", "A text to my mobile {phone} would do."),
        "zh": ("到货请发邮件到 {email} 。", "请发短信到手机 {phone} 。"),
    },
    answers={
        "en": (
            (
                "Press Tell me on the product's page and you get a mail as soon as it is back. [Most "
                "things return within three weeks|Usually that takes two to three weeks]; we can't "
                "put anything aside."
            ),
            (
                "It is being made right now and should be back [next month|in about three weeks]. "
                "The button Tell me on its page puts you on the list."
            ),
        ),
        "zh": (
            "请在商品页点“到货提醒”，一般三周内会补货，抱歉不能预留。",
            "正在生产中，预计三周左右到货，点“到货提醒”就会收到邮件。",
        ),
    },
    articles={
        "en": Article(
            "Sold out, and back again",
            (
                "Press Tell me on the page of a product that is sold out.",
                "You get a mail when it is back; most things return within three weeks.",
                "We don't put things aside and take no orders in advance.",
            ),
        ),
        "zh": Article(
            "缺货与到货提醒",
            ("在缺货商品页点“到货提醒”。", "到货后您会收到邮件，一般三周内补货。", "暂不支持预留和预订。"),
        ),
    },
)

HUMAN: Final = Theme(
    key="human",
    subjects={"en": ("I want to speak to somebody", "Complaint"), "zh": ("转人工", "投诉")},
    asks={
        "en": (
            (
                "[I want to speak to a human|Please let me talk to a person|Get me a real person], "
                "[not a robot|not another automatic answer]. [This is my third message.|It is "
                "urgent.|]"
            ),
            (
                "[Please call me back|Somebody should ring me]. [I don't want to explain it in "
                "writing.|Your answers don't help.]"
            ),
            (
                "I wish to make a complaint about [your service|a driver|how I was treated]. [Who is "
                "in charge?|Pass this on to a manager.]"
            ),
        ),
        "zh": (
            "[我要找人工客服|请转人工|我要和真人说话]，[不要自动回复|这是第三次联系了]。",
            "请给我[回电话|打个电话]，[写不清楚|很着急]。",
            "我要投诉[你们的服务|快递员]，[请转给负责人|找你们经理]。",
        ),
    },
    tails={
        "en": ("{name}, phone {phone}.", "My number: {phone}."),
        "zh": ("{name}，电话 {phone} 。",),
    },
    answers={},
    articles={},
)

OUT_OF_SCOPE: Final = Theme(
    key="out_of_scope",
    subjects={"en": ("A question", "Hello"), "zh": ("咨询", "你好")},
    asks={
        "en": (
            (
                "[Are you hiring|Do you offer internships|Can I apply for a job]? [I have worked in "
                "shops for six years.|I study marketing.]"
            ),
            "[Can you help me with my homework|What is the capital of Mongolia|Will it rain on Sunday]?",
            (
                "We [sell cardboard boxes|make websites|offer cleaning] and would like to [work with "
                "you|send you an offer]."
            ),
            (
                "[Would you sponsor our football club|Do you give to charities]? [We are a small "
                "village.|It is for children.]"
            ),
            "[Which stocks should I buy|Can you book me a flight|How do I train a parrot]?",
        ),
        "zh": (
            "[你们招人吗|有实习岗位吗]？[我学市场营销的。|我有六年经验。]",
            "[明天会下雨吗|能帮我写作业吗|蒙古的首都是哪里]？",
            "我们[做网站|卖纸箱]，想和你们[合作|谈谈]。",
            "[能帮我订机票吗？|推荐一只股票吧。|鹦鹉怎么养？]",
        ),
    },
    tails={
        "en": ("Write to {email}.", "Call me on {phone}."),
        "zh": ("邮箱 {email} 。",),
    },
    answers={},
    articles={},
)

ACCOUNT: Final = (PAYMENT, INVOICE, GIFT_CARD, PASSWORD, STOCK)
UNANSWERED: Final = (HUMAN, OUT_OF_SCOPE)
"""No article or earlier answer helps with these."""
