"""
The schemes that ship, as tables: those of the chain itself, and one template per industry (docs/algorithms/tiers.md).

A template is taken over by one click and edited from there; its inputs that come from outside are marked in `inputs`.
"""

from collections.abc import Mapping

from huitou.core.labels import Label
from huitou.core.value.scheme import Kind, Recut, Scheme, Tier
from huitou.core.value.tiers import FINANCE, GRID_CODES, PYRAMID


def _tier(
    code: str,
    label: tuple[str, str],
    goal: tuple[str, str],
    service: tuple[str, str],
    upgrade: tuple[str, str],
    *,
    cost_yuan: int | None = None,
    share: float | None = None,
    at_least: Mapping[str, float] | None = None,
    at_most: Mapping[str, float] | None = None,
) -> Tier:
    cost_fen = None if cost_yuan is None else cost_yuan * 100
    return Tier(
        code, Label(*label), Label(*goal), Label(*service), Label(*upgrade), cost_fen, share, at_least or {}, at_most or {}
    )


_TOP = ("已是最高等级", "the highest tier")

_PYRAMID_TEXTS = {
    "DIAMOND": (
        ("钻石", "Diamond"),
        ("人数少，价值最高：留住每一个人", "few people, highest value: keep every one"),
        ("专属团队加一位客户经理，1 小时响应", "own team and one manager, reply within 1 hour"),
        _TOP,
        60,
    ),
    "CORE": (
        ("核心", "Core"),
        ("稳定、长期：保持频次，向钻石培养", "stable, long-term: keep the frequency, grow to diamond"),
        ("专属客户经理，4 小时响应", "own manager, reply within 4 hours"),
        ("预测价值进入前 2 %", "predicted value in the top 2 %"),
        25,
    ),
    "POTENTIAL": (
        ("潜力", "Potential"),
        ("价值中等，可以成长为核心", "medium value, can grow into core"),
        ("共享客户经理，24 小时响应", "shared manager, reply within 24 hours"),
        ("预测价值进入前 20 %", "predicted value in the top 20 %"),
        8,
    ),
    "BASIC": (
        ("基础", "Basic"),
        ("频次或金额低：降低服务成本，自助为主", "low frequency or amount: cut service cost, self-service"),
        ("客服中心，48 小时响应", "service centre, reply within 48 hours"),
        ("预测价值进入前 50 %", "predicted value in the top 50 %"),
        2,
    ),
}
VALUE_PYRAMID = Scheme(
    code="pyramid",
    label=Label("价值金字塔", "Value pyramid"),
    kind=Kind.SHARES,
    weights={"clv_12m_fen": 1.0},
    tiers=tuple(
        _tier(tier.code, *_PYRAMID_TEXTS[tier.code][:4], cost_yuan=_PYRAMID_TEXTS[tier.code][4], share=tier.share)
        for tier in PYRAMID
    ),
)

_GRID_TEXTS = {
    "HIGH_ACTIVE": (
        ("高价值活跃", "High value, active"),
        ("常来也值钱：保持，给专属权益", "come often and are worth much: keep them, own benefits"),
        ("专属权益与新品优先", "own benefits, new products first"),
        _TOP,
    ),
    "PROMISING": (
        ("潜力新客", "Promising"),
        ("预测价值高，习惯未成：尽快促成下一单", "high prediction, habit not formed: bring the next order"),
        ("新客礼与第二单优惠", "welcome gift, offer for the second order"),
        ("RFM 总分达到 12", "RFM total of 12"),
    ),
    "HIGH_AT_RISK": (
        ("高价值流失预警", "High value, at risk"),
        ("值钱但久未来：人工联系", "worth much but away for long: a personal call"),
        ("店长或客户经理电话回访", "call by the store or account manager"),
        ("RFM 总分达到 8", "RFM total of 8"),
    ),
    "STEADY": (
        ("稳定普通", "Steady"),
        ("常来，金额一般：提高客单价", "come often, spend little: raise the ticket"),
        ("搭配推荐", "complements"),
        ("预测价值进入前 20 %", "predicted value in the top 20 %"),
    ),
    "LOW_VALUE": (
        ("低频低值", "Low frequency, low value"),
        ("偶尔来：低成本触达", "come now and then: cheap messages"),
        ("自助服务", "self-service"),
        ("RFM 总分达到 12", "RFM total of 12"),
    ),
    "WIN_BACK": (
        ("沉睡挽回", "Win back"),
        ("久未来且价值一般：批量唤醒", "away for long, modest value: wake up in bulk"),
        ("唤醒券", "wake-up coupon"),
        ("RFM 总分达到 8", "RFM total of 8"),
    ),
}
SIX_CLASSES = Scheme(
    code="six_classes",
    label=Label("RFM × CLV 六类", "RFM × CLV, six classes"),
    kind=Kind.GRID,
    recut=Recut.NIGHTLY,
    tiers=tuple(_tier(code, *_GRID_TEXTS[code]) for code in GRID_CODES),
)

_THIRD = ("同分先看近 12 月净消费", "ties by net spend in 12 months")
THREE_POWERS = Scheme(
    code="three_powers",
    label=Label("三力", "Three powers"),
    kind=Kind.SHARES,
    weights={"spending_power": 0.5, "interaction_power": 0.2, "potential_power": 0.3},
    tiers=(
        _tier(
            "STRONG",
            ("强", "Strong"),
            ("消费、互动、潜在三力俱佳", "strong in spending, interaction and potential"),
            ("优先邀约与内测", "invited first"),
            _TOP,
            share=0.20,
        ),
        _tier(
            "MEDIUM",
            ("中", "Medium"),
            ("补短板：看三力哪一项低", "mend the weakest of the three"),
            ("按短板推送", "messages by the weakest power"),
            _THIRD,
            share=0.30,
        ),
        _tier("WEAK", ("弱", "Weak"), ("低成本维持", "keep at low cost"), ("自助服务", "self-service"), _THIRD, share=0.50),
    ),
)
RFMS = Scheme(
    code="rfms",
    label=Label("RFM 加情感 A / B / C", "RFM with mood A / B / C"),
    kind=Kind.SHARES,
    weights={"rfm_total": 1.0},
    drop_at_most=1,
    mood_below=-0.2,
    recut=Recut.NIGHTLY,
    tiers=(
        _tier("A", ("A", "A"), ("重点客户", "key customers"), ("4 小时响应", "reply within 4 hours"), _TOP, share=0.20),
        _tier(
            "B",
            ("B", "B"),
            ("常规经营，先处理不满", "regular care, complaints first"),
            ("24 小时响应", "reply within 24 hours"),
            ("RFM 总分进入前 20 %，且没有未消的不满", "RFM total in the top 20 %, no open displeasure"),
            share=0.30,
        ),
        _tier(
            "C",
            ("C", "C"),
            ("低成本维持", "keep at low cost"),
            ("48 小时响应", "reply within 48 hours"),
            ("RFM 总分进入前 50 %", "RFM total in the top 50 %"),
            share=0.50,
        ),
    ),
)
LIFECYCLE = Scheme(
    code="lifecycle",
    label=Label("生命周期", "Lifecycle"),
    kind=Kind.THRESHOLDS,
    recut=Recut.NIGHTLY,
    tiers=(
        _tier(
            "NEW",
            ("新客", "New"),
            ("30 天内首购", "first purchase within 30 days"),
            ("新客礼", "welcome gift"),
            _TOP,
            at_least={"orders_count": 1},
            at_most={"days_since_first": 30},
        ),
        _tier(
            "ACTIVE",
            ("活跃", "Active"),
            ("89 天内买过", "bought within 89 days"),
            ("会员日", "member days"),
            _TOP,
            at_least={"orders_count": 1},
            at_most={"days_since_purchase": 89},
        ),
        _tier(
            "DORMANT",
            ("沉睡", "Dormant"),
            ("满 90 天没买", "no purchase for 90 days"),
            ("唤醒", "wake-up"),
            ("再买一次", "one purchase"),
            at_least={"orders_count": 1},
        ),
        _tier(
            "PROSPECT",
            ("未购", "No purchase yet"),
            ("注册未买", "registered, not bought"),
            ("首单礼", "first-order gift"),
            ("买第一单", "a first order"),
        ),
    ),
)

_FINANCE_TEXTS = {
    "VIP": (("VIP", "VIP"), ("私人银行", "private banking"), ("一对一投资顾问", "own adviser"), _TOP),
    "PLATINUM": (
        ("白金", "Platinum"),
        ("资产过百万", "assets above one million"),
        ("专属理财经理", "own manager"),
        ("资产 500 万、交易 24 次、服务 12 次", "assets of 5 million, 24 trades, 12 services"),
    ),
    "GOLD": (
        ("金卡", "Gold"),
        ("稳定资产", "steady assets"),
        ("理财经理", "a manager"),
        ("资产 100 万、交易 12 次、服务 6 次", "assets of 1 million, 12 trades, 6 services"),
    ),
    "SILVER": (
        ("银卡", "Silver"),
        ("起步资产", "first assets"),
        ("优先热线", "priority line"),
        ("资产 30 万、交易 6 次、服务 3 次", "assets of 300,000, 6 trades, 3 services"),
    ),
    "STANDARD": (
        ("普通", "Standard"),
        ("自助为主", "self-service"),
        ("标准热线", "standard line"),
        ("资产 5 万、交易 2 次、服务 1 次", "assets of 50,000, 2 trades, 1 service"),
    ),
}
FINANCE_SCHEME = Scheme(
    code="finance",
    label=Label("金融：VIP / 白金 / 金卡 / 银卡 / 普通", "Finance: VIP / platinum / gold / silver / standard"),
    kind=Kind.THRESHOLDS,
    recut=Recut.NIGHTLY,
    tiers=tuple(_tier(tier.code, *_FINANCE_TEXTS[tier.code], at_least=tier.at_least) for tier in FINANCE),
)
AUTOMOTIVE = Scheme(
    code="automotive",
    label=Label("汽车：高 / 中 / 低", "Automotive: high / mid / low"),
    kind=Kind.THRESHOLDS,
    recut=Recut.NIGHTLY,
    tiers=(
        _tier(
            "HIGH",
            ("高", "High"),
            ("再购与转介绍", "buy again, refer others"),
            ("优先试驾预约、专属服务、快速维修", "priority test-drive booking, own service, fast repair"),
            _TOP,
            at_least={"vehicles": 2, "model_level": 2, "maintenances": 2},
        ),
        _tier(
            "MID",
            ("中", "Mid"),
            ("按时回店保养", "regular maintenance"),
            ("常规购车与保养优惠", "regular purchase and maintenance offers"),
            ("购车 2 辆、级别 2、年保养 2 次", "2 vehicles, level 2, 2 maintenance visits a year"),
            at_least={"vehicles": 1, "maintenances": 1},
        ),
        _tier(
            "LOW",
            ("低", "Low"),
            ("促成下一次回店", "bring them back once"),
            ("升级营销", "upgrade marketing"),
            ("购车 1 辆、年保养 1 次", "1 vehicle, 1 maintenance visit a year"),
        ),
    ),
)
HOTEL = Scheme(
    code="hotel",
    label=Label("酒店：忠诚 / 常客 / 新客户 / 潜在", "Hotel: loyal / regular / new / prospect"),
    kind=Kind.THRESHOLDS,
    recut=Recut.NIGHTLY,
    tiers=(
        _tier(
            "LOYAL",
            ("忠诚", "Loyal"),
            ("消费与频次都高", "high in spend and frequency"),
            ("免费升房、行政酒廊", "free upgrade, lounge"),
            _TOP,
            at_least={"stays": 12, "stay_spend_fen": 1_500_000},
        ),
        _tier(
            "REGULAR",
            ("常客", "Regular"),
            ("提高每次消费", "raise the spend per stay"),
            ("延迟退房", "late check-out"),
            ("入住 12 次、消费 1.5 万元", "12 stays, ¥15,000"),
            at_least={"stays": 3},
        ),
        _tier(
            "NEW",
            ("新客户", "New"),
            ("促成第三次入住", "bring the third stay"),
            ("欢迎礼", "welcome gift"),
            ("入住 3 次", "3 stays"),
            at_least={"stays": 1},
        ),
        _tier(
            "PROSPECT",
            ("潜在", "Prospect"),
            ("促成首次入住", "bring the first stay"),
            ("首住优惠", "first-stay offer"),
            ("入住 1 次", "1 stay"),
        ),
    ),
)
ECOMMERCE = Scheme(
    code="ecommerce",
    label=Label("电商：核心 / 活跃 / 潜在 / 流失", "E-commerce: core / active / prospect / lapsed"),
    kind=Kind.THRESHOLDS,
    recut=Recut.NIGHTLY,
    tiers=(
        _tier(
            "CORE",
            ("核心", "Core"),
            ("常买、金额高", "buy often and much"),
            ("优先发货", "shipped first"),
            _TOP,
            at_least={"orders_365d": 6, "net_365d_fen": 200_000},
            at_most={"days_since_purchase": 89},
        ),
        _tier(
            "ACTIVE",
            ("活跃", "Active"),
            ("近期买过", "bought lately"),
            ("会员券", "member coupons"),
            ("12 个月 6 单、2,000 元", "6 orders and ¥2,000 in 12 months"),
            at_least={"orders_count": 1},
            at_most={"days_since_purchase": 89},
        ),
        _tier(
            "PROSPECT",
            ("潜在", "Prospect"),
            ("浏览或评价过，还没买", "looked or reviewed, not bought"),
            ("首单券", "first-order coupon"),
            ("买第一单", "a first order"),
            at_least={"days_since_view": 0},
            at_most={"orders_count": 0},
        ),
        _tier(
            "LAPSED",
            ("流失", "Lapsed"),
            ("满 90 天没买", "no purchase for 90 days"),
            ("唤醒券", "wake-up coupon"),
            ("再买一次", "one purchase"),
        ),
    ),
)
EDUCATION = Scheme(
    code="education",
    label=Label("在线教育：实时分层", "Online education: tiers in real time"),
    kind=Kind.THRESHOLDS,
    recut=Recut.NIGHTLY,
    tiers=(
        _tier(
            "COMMITTED",
            ("投入", "Committed"),
            ("持续学习，愿意续费", "keep learning, renew"),
            ("助教一对一", "own tutor"),
            _TOP,
            at_least={"courses": 2, "lessons": 20, "progress": 60},
        ),
        _tier(
            "LEARNING",
            ("在学", "Learning"),
            ("按进度完成课程", "finish in time"),
            ("学习提醒", "reminders"),
            ("课程 2 门、课时 20、进度 60", "2 courses, 20 lessons, progress of 60"),
            at_least={"courses": 1, "lessons": 5},
        ),
        _tier(
            "STARTING",
            ("起步", "Starting"),
            ("完成前 5 课", "finish the first 5 lessons"),
            ("入门辅导", "starter help"),
            ("完成 5 课", "5 lessons"),
            at_least={"lessons": 1},
        ),
        _tier(
            "WATCHING",
            ("观望", "Watching"),
            ("试听第一课", "try the first lesson"),
            ("免费试听", "free trial"),
            ("完成 1 课", "1 lesson"),
        ),
    ),
)

ACTIVE_FROM_START: tuple[Scheme, ...] = (VALUE_PYRAMID, SIX_CLASSES, THREE_POWERS, RFMS, LIFECYCLE)
TEMPLATES: tuple[Scheme, ...] = (FINANCE_SCHEME, AUTOMOTIVE, HOTEL, ECOMMERCE, EDUCATION)
SHIPPED: Mapping[str, Scheme] = {scheme.code: scheme for scheme in (*ACTIVE_FROM_START, *TEMPLATES)}
