"""The words of identity: why values survive, what the matcher saw, what people answered."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from huitou.web.lazy import LazyText

CRITERIA: Mapping[str, LazyText] = {
    "verified": _("已验证"),
    "whole": _("全名"),
    "trust": _("来源可信"),
    "recent": _("更新更晚"),
    "frequent": _("说的来源更多"),
}
RULE_PROBLEMS: Mapping[str, LazyText] = {
    "no_criterion": _("至少选一项来看。"),
    "twice": _("同一项只能排一次。"),
    "unknown_criterion": _("选项里没有这一项。"),
    "unknown_field": _("没有这个字段。"),
    "whole_of_name": _("只有姓名分全名和简称。"),
}
SPLIT_REASONS: Mapping[str, LazyText] = {
    "split_family": _("家人共用号码"),
    "split_recycled": _("号码换了主人"),
    "split_typo": _("录入错误"),
    "split_asked": _("顾客说不是本人"),
}
LIKENESS: Mapping[str, tuple[str, LazyText]] = {
    "same": ("good", _("相同")),
    "sounds_same": ("good", _("同音")),
    "same_surname": ("good", _("姓同名缺")),
    "same_month": ("good", _("年月同")),
    "contained": ("good", _("一方较全")),
    "different": ("bad", _("不同")),
    "one_missing": ("", _("一方缺")),
    "both_missing": ("", _("都缺")),
}
REVIEW_REASONS: Mapping[str, LazyText] = {
    "contradiction": _("号码相同，资料矛盾"),
    "contested": _("号码指向几个人"),
    "uncertain": _("拿不准"),
}
HUB_REASONS: Mapping[str, LazyText] = {
    "records": _("太多源记录共用"),
    "names": _("太多姓名共用"),
    "blocked": _("人工停用"),
}
REVIEW_BANDS: Mapping[str, LazyText] = {
    "high": _("高 0.80+"),
    "middle": _("中 0.20–0.80"),
    "low": _("低"),
    "none": _("没有概率"),
}
REVIEW_SAID: Mapping[str, LazyText] = {
    "same": _("已合并为同一个人"),
    "different": _("已记下：不是同一个人，以后不再合并"),
    "unsure": _("先放一放，排到最后再问"),
}
EVIDENCE_LEVELS: Mapping[str, LazyText] = {
    "equal": _("相同"),
    "equal_rare": _("相同且少见"),
    "equal_common": _("相同但常见"),
    "equal_two": _("相同，没有别人用"),
    "equal_one_name": _("相同，一个名字用"),
    "equal_names": _("相同，几个名字用"),
    "homophone": _("同音"),
    "homophone_common": _("同音但常见"),
    "part": _("部分相同"),
    "surname": _("姓相同"),
    "given": _("名相同"),
    "swapped": _("姓名颠倒"),
    "one_sign": _("差一个字"),
    "other_surname": _("姓不同"),
    "nickname": _("像昵称"),
    "other_given": _("名不同"),
    "incomparable": _("不可比"),
    "near": _("相近"),
    "masked": _("遮挡后一致"),
    "other_app": _("属于别的应用"),
    "mailbox": _("邮箱名相同"),
    "lunar": _("像农历"),
    "one_part": _("一项相同"),
    "unit": _("同一户"),
    "house": _("同一楼"),
    "other_unit": _("同楼不同户"),
    "street": _("同一街道"),
    "pair": _("只有这两条用"),
    "one_once": _("另一条有姓名"),
    "one_twice": _("两条同名记录在用"),
    "one_often": _("多条同名记录在用"),
    "most": _("多数是此名"),
    "half": _("一半是此名"),
    "few": _("少数是此名"),
    "none_two": _("两条都无姓名，只有它们用"),
    "none_more": _("都无姓名，别人也没有"),
    "none_once": _("都无姓名，另一条有"),
    "none_often": _("都无姓名，多条同名记录在用"),
    "none_names": _("都无姓名，几个名字用"),
    "other": _("不同"),
}
EVIDENCE_FIELDS: Mapping[str, LazyText] = {
    "phone": _("手机"),
    "card": _("会员卡"),
    "openid": _("微信 OpenID"),
    "unionid": _("微信 UnionID"),
    "email": _("邮箱"),
    "name": _("姓名"),
    "birthday": _("生日"),
    "gender": _("性别"),
    "address": _("地址"),
    "store": _("归属门店"),
    "owner": _("号码归谁"),
    "prior": _("起点与常见度"),
}
IDENTITY_EVENTS: Mapping[str, LazyText] = {
    "create": _("建档"),
    "join": _("新记录归入"),
    "merge": _("合并"),
    "split": _("拆分"),
    "undo": _("撤销"),
    "erase": _("记录移出"),
    "verdict": _("判为不是同一人"),
}
