"""The words of what is known of a person: fields, orders, tickets, behaviour, consents, corrections, attributes."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from huitou.web.lazy import LazyText
from huitou.web.words import word

FIELDS: Mapping[str, LazyText] = {
    "name": _("姓名"),
    "phone": _("手机"),
    "member_card": _("会员卡"),
    "wx_openid": _("微信 OpenID"),
    "wx_unionid": _("微信 UnionID"),
    "email": _("邮箱"),
    "gender": _("性别"),
    "birthday": _("生日"),
    "address": _("地址"),
    "store": _("归属门店"),
}
SHORT_FIELDS: Mapping[str, LazyText] = {"wx_openid": "OpenID", "wx_unionid": "UnionID"}  # in the narrow column of the person page
GENDERS: Mapping[str, LazyText] = {"F": _("女"), "M": _("男")}
POINTS_REASONS: Mapping[str, LazyText] = {
    "purchase": _("消费得分"),
    "redeem": _("兑换"),
    "join": _("入会"),
    "return": _("退货扣回"),
    "expire": _("过期"),
    "adjust": _("人工调整"),
    "gift": _("赠送"),
}
LINE_KINDS: Mapping[int, LazyText] = {0: _("销售"), 1: _("退货"), 2: _("作废")}
REVEAL_REASONS: Mapping[str, LazyText] = {
    "contact": _("联系客户"),
    "verify": _("核对身份"),
    "complaint": _("处理投诉"),
}
REVEAL_REFUSALS: Mapping[str, LazyText] = {
    "not_allowed": _("你的角色不能看这一项。需要时请店长或客服代办。"),
    "no_reason": _("先选一个原因。"),
    "limit": _("这一小时查看的次数到了上限，过一会儿再看。"),
    "empty": _("这一项没有值。"),
}


def fact_text(field: str, text: str) -> LazyText:
    """Return a fact of a person's file as people read it: a code becomes its word."""
    return word(GENDERS, text) if field == "gender" else text


TICKET_TYPES: Mapping[str, LazyText] = {
    "complaint": _("投诉"),
    "delivery": _("配送"),
    "enquiry": _("咨询"),
    "exchange": _("换货"),
    "praise": _("表扬"),
    "repair": _("维修"),
    "return": _("退货"),
}
TICKET_STATES: Mapping[str, LazyText] = {
    "open": _("待处理"),
    "pending": _("处理中"),
    "solved": _("已解决"),
    "closed": _("已结案"),
    "reopened": _("重新打开"),
}
NO_DATES: Mapping[str, LazyText] = {"once": _("只买过一次，看不出节奏"), "silent": _("沉默已久，不再按节奏推算")}
CORRECTION_REASONS: Mapping[str, LazyText] = {
    "asked": _("本人要求更正"),
    "checked": _("核对证件后更正"),
    "typing": _("录入有误"),
}
LEGAL_BASES: Mapping[str, LazyText] = {
    "consent": _("本人同意"),
    "contract": _("履行合同所必需"),
    "duty": _("履行法定义务"),
    "public": _("本人公开的信息"),
}
ATTRIBUTE_TYPES: Mapping[str, LazyText] = {
    "text": _("文本"),
    "number": _("整数"),
    "decimal": _("小数"),
    "amount": _("金额"),
    "date": _("日期"),
    "flag": _("是或否"),
    "choice": _("单选"),
}
BEHAVIOURS: Mapping[str, LazyText] = {
    "view": _("浏览"),
    "search": _("搜索"),
    "add_to_cart": _("加购"),
    "pay": _("支付"),
    "review": _("评价"),
    "community": _("社区发言"),
    "enquiry": _("咨询"),
    "follow_up": _("跟进记录"),
    "touch:sms": _("短信触达"),
    "touch:phone": _("电话触达"),
    "touch:wecom": _("企微触达"),
    "touch:email": _("邮件触达"),
    "response:sms": _("短信有回应"),
    "response:phone": _("电话接通"),
    "response:wecom": _("企微有回应"),
    "response:email": _("邮件已打开"),
}
STAGES: Mapping[str, LazyText] = {"new": _("新客"), "active": _("活跃"), "dormant": _("沉睡")}
CONSENT_CHANNELS: Mapping[str, LazyText] = {
    "sms": _("短信"), "phone": _("电话"), "wecom": _("企微"), "email": _("邮件"),
    "mother": _("母亲"), "father": _("父亲"), "guardian": _("其他监护人"),
}  # fmt: skip
CONSENT_PURPOSES: Mapping[str, LazyText] = {
    "service": _("服务通知"), "marketing": _("营销"), "personal": _("个性化推荐"), "minor": _("未满 14 岁建档"),
}  # fmt: skip
CONSENT_ANSWERS: Mapping[str, LazyText] = {"granted": _("同意"), "withdrawn": _("拒绝")}
CONSENT_SOURCES: Mapping[str, LazyText] = {
    "counter": _("当面"),
    "phone": _("电话里"),
    "written": _("书面"),
    "online": _("线上"),
    "change": _("合并或拆分"),
}
CONSENT_REASONS: Mapping[str, LazyText] = {
    "asked": _("本人提出"),
    "service": _("服务时确认"),
    "complaint": _("投诉后要求"),
    "mistake": _("更正登记错误"),
}
