"""The words of stored codes. A code without a word is shown as it is stored, so that a new one is seen and not lost."""

from collections.abc import Mapping

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huitou.apps.intake.labels import KIND_LABELS, REASON_LABELS, STATE_LABELS
from huitou.core.labels import Label
from huitou.web.lazy import LazyText


def _text(label: Label) -> str:
    return label.text(get_language() or "zh-hans")


_said = lazy(_text, str)


def _spoken(labels: Mapping[str, Label]) -> Mapping[str, LazyText]:
    """Return labels of lower rings as words in the language of the page."""
    return {code: _said(label) for code, label in labels.items()}


SOURCES: Mapping[str, LazyText] = {
    "mall": _("商城"),
    "pos": _("POS"),
    "membership": _("会员"),
    "aftersales": _("售后"),
    "events": _("事件接口"),
    "files": _("文件导入"),
    "manual": _("人工填写"),
    "correction": _("人工更正"),
}
SOURCE_ICONS = {
    "mall": "shopping-cart",
    "pos": "cash-register",
    "membership": "id-badge-2",
    "aftersales": "headset",
    "files": "file-text",
}
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


def word(words: Mapping[str, LazyText], code: str) -> LazyText:
    """Return the word of a code, or the code itself."""
    return words.get(code, code)


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
CHECKS: Mapping[str, LazyText] = {
    "landed lines = lines (rows)": _("落地行数 = 订单行数"),
    "landed lines = lines (net)": _("落地金额 = 订单行金额"),
    "lines = orders": _("订单行 = 订单"),
    "orders = facts + anonymous + orders without a person": _("订单 = 客户事实 + 匿名 + 未归人订单"),
    "lines = order categories + anonymous": _("订单行 = 订单品类 + 匿名"),
    "stores = headquarters": _("各门店之和 = 总部"),
    "regions = headquarters": _("各区域之和 = 总部"),
    "products = headquarters": _("各商品之和 = 总部"),
    "categories = headquarters": _("各品类之和 = 总部"),
    "identified revenue = facts": _("归到个人的营收 = 客户事实"),
    "points entries = points in facts + entries without a person": _("积分流水 = 客户积分 + 未归人流水"),
    "persons in facts = persons in the record map": _("客户事实人数 = 档案人数"),
    "records of orders without a person": _("有订单但还没有档案的源记录"),
    "landed lines = orders": _("落地金额 = 订单"),
    "orders = order categories + anonymous": _("订单 = 订单品类 + 匿名"),
    "landed lines = store days": _("落地金额 = 门店日合计"),
    "store days = regions": _("门店日合计 = 区域"),
    "landed lines = product days": _("落地金额 = 商品日合计"),
    "landed lines = category days": _("落地金额 = 品类日合计"),
    "landed points = points": _("落地积分 = 积分流水"),
    "touched persons with records = their facts": _("变动的客户 = 更新的客户事实"),
}
CHECK_UNITS: Mapping[str, LazyText] = {
    "rows": _("行"),
    "fen": _("分"),
    "points": _("积分"),
    "persons": _("人"),
    "records": _("条"),
}
BUILD_STEPS: Mapping[str, LazyText] = {
    "landed": _("读原始层"),
    "map": _("记录归人"),
    "dimensions": _("门店与商品"),
    "headers": _("订单头"),
    "lines": _("订单行"),
    "orders": _("订单"),
    "categories": _("品类"),
    "points": _("积分"),
    "days": _("日合计"),
    "persons": _("变动的客户"),
    "tags": _("人"),
    "facts": _("客户事实"),
    "checks": _("检查"),
    "write": _("写文件"),
}
BUILD_TABLES: Mapping[str, LazyText] = {
    "lines": _("订单行"),
    "orders": _("订单"),
    "order_category": _("订单品类"),
    "map": _("源记录"),
    "facts": _("客户事实"),
    "points": _("积分流水"),
    "balances": _("积分余额"),
    "store_day": _("门店日合计"),
    "product_day": _("商品日合计"),
    "category_day": _("品类日合计"),
    "stores": _("门店"),
    "products": _("商品"),
    "categories": _("品类"),
}
JOBS: Mapping[str, LazyText] = {
    "builds.pull_all": _("从所有来源取数"),
    "builds.pull": _("从一个来源取数"),
    "builds.intake": _("接收新数据"),
    "builds.backfill": _("归并大批历史数据"),
    "builds.cycle": _("入库并增量构建"),
    "builds.base": _("全量构建"),
    "builds.publish": _("发布"),
    "quality.snapshot": _("记当天的质量指标"),
    "value.run": _("算等级和标签"),
    "value.forecast": _("算预测价值"),
    "value.tags_expire": _("取下到期的标签"),
    "identity.import_persons": _("数导入涉及的客户"),
    "value.tags_of_many": _("给多人加或取标签"),
    "benefits.run": _("批量发券"),
    "benefits.run_withdraw": _("收回批量发的券"),
    "value.tags_undo": _("撤销多人的标签变更"),
    "value.demographics": _("更新年龄和性别"),
    "value.infer": _("推断标签"),
    "segments.refresh": _("刷新一个人群"),
    "segments.refresh_all": _("刷新所有人群"),
    "gateway.deliver": _("发出 Webhook"),
    "attributes.expire": _("清除到期的属性"),
    "base.clean_up": _("清理过期数据"),
    "privacy.access_seal": _("封存查看记录"),
    "privacy.erase_due": _("删除到期的客户"),
    "intake.import": _("读入文件"),
    "intake.forget_uploads": _("清理旧的上传"),
    "intake.watch": _("看目录里的新文件"),
    "identity.files_rewrite": _("按新规则重写档案"),
    "customers.completeness": _("重算资料完整度"),
    "value.clusters": _("把客户分成群"),
    "segments.look_alike": _("找相似的客户"),
    "recommend.run": _("算推荐"),
    "recommend.associations": _("找关联规则"),
    "anomalies.look": _("找异常的日子"),
}
NO_DATES: Mapping[str, LazyText] = {"once": _("只买过一次，看不出节奏"), "silent": _("沉默已久，不再按节奏推算")}
BUILD_KINDS: Mapping[str, LazyText] = {"base": _("全量"), "tail": _("增量")}
BUILD_STATES: Mapping[str, LazyText] = {
    "running": _("进行中"),
    "built": _("已完成，未发布"),
    "published": _("已发布"),
    "failed": _("失败"),
}
JOB_STATES: Mapping[str, LazyText] = {
    "planned": _("排队"),
    "running": _("进行中"),
    "done": _("完成"),
    "failed": _("失败"),
}
PUBLISH_WAYS: Mapping[str, LazyText] = {
    "changes": _("只写变化"),
    "compare": _("逐行比对"),
    "full": _("整表换新"),
}
ORIGINS: Mapping[str, LazyText] = {"real": _("真实"), "transformed": _("变换"), "synthetic": _("合成")}
STATE_KINDS = {  # the look of a state: badge kind and icon
    "planned": ("", "clock"),
    "running": ("accent", "rotate"),
    "built": ("", "check"),
    "done": ("good", "check"),
    "published": ("good", "check"),
    "failed": ("bad", "alert-circle"),
}
ROW_ENDS: Mapping[str, LazyText] = {
    "received": _("接收"),
    "accepted": _("通过"),
    "merged": _("合并"),
    "quarantined": _("隔离"),
}
ROW_NOTES: Mapping[str, LazyText] = {
    "received": _("原始层不可改"),
    "accepted": _("类型、范围、引用均合格"),
    "merged": _("与已有的同一条，内容没有新的"),
    "quarantined": _("原样留在隔离区，写明原因"),
}
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
}
IMPORT_STATES: Mapping[str, LazyText] = {
    "uploaded": _("待对应"),
    "running": _("写入中"),
    "done": _("已完成"),
    "failed": _("失败"),
    "undone": _("已撤销"),
}
IMPORT_ENDS: Mapping[str, LazyText] = {
    "updated": _("更新"),
    "new": _("新建"),
    "unchanged": _("无变化"),
    "refused": _("隔离"),
}
IMPORT_END_NOTES: Mapping[str, LazyText] = {
    "updated": _("比已有的新，内容不同"),
    "new": _("此来源第一次出现"),
    "unchanged": _("内容与已有一致"),
    "refused": _("未写入，可修复重放"),
}
TOUCHPOINTS: Mapping[str, LazyText] = {
    **BEHAVIOURS,
    "order": _("订单"),
    "customer": _("客户资料"),
    "identifier": _("卡号"),
    "rel:referred": _("被推荐"),
    "rel:referrer": _("推荐"),
    "rel:group_join": _("入群"),
    "rel:group_leave": _("退群"),
    "points": _("积分"),
    "balance": _("积分余额"),
    "ticket": _("工单"),
    "ticket_status": _("工单状态"),
    "product": _("商品"),
    "store": _("门店"),
}
REASONS = _spoken(REASON_LABELS)
REASON_FIXES: Mapping[str, LazyText] = {  # what to do about a refused row
    "missing": _("在来源里补上空着的必填项，再送一次；导入的行可以在导入页直接补。"),
    "unknown_code": _("这一列只认固定的代码。改成列表里的代码，或在映射里写明来源的代码对应什么。"),
    "unreadable_number": _("去掉数字以外的字，写成 12.50 这样的数。"),
    "too_many_decimals": _("小数位多到无法精确换算：金额最多两位，数量最多三位；改好再送。"),
    "out_of_range": _("数值大得或小得不可能，多半是单位错了或两列错位；核对后再送。"),
    "too_long": _("值比这一列能存的长，常见于两列并成一列；缩短或改正映射后再送。"),
    "unreadable_moment": _("写成 2026-11-27 14:30:00 这样的日期和时间。"),
    "unreadable_day": _("写成 2026-11-27 这样的日期。"),
    "impossible_date": _("日历上没有这一天，比如 2 月 30 日；核对原始单据。"),
    "in_future": _("时间比接收时晚一天以上，多半是来源的时钟或日期错了；校正后再送。"),
    "too_old": _("2000 年以前的时间多半是占位值；没有真实日期就留空。"),
    "unreadable_flag": _("写成是或否、1 或 0、true 或 false。"),
    "wrong_sign": _("销售为正，退货和作废为负；检查单据类型和正负号是否配得上。"),
    "missing_original": _("退货和作废要写原单号，才能从原来的销售里减；在来源里补上。"),
    "self_reference": _("原单号写成了自己的单号；改成被退的那一单。"),
    "inconsistent_order": _("同一单的各行在门店、时间等表头字段上不一样；让来源整单重送。"),
    "order_refused": _("同一单里有别的行不合格，整单留在这里；改好那一行，整单重送。"),
    "conflict": _("这个编号已经有另一份内容，先到的算数。真的改了就用新编号或新版本时间重送。"),
    "wrong_columns": _("这一行的列数和表头不同，多半是值里有分隔符却没加引号；加上引号再送。"),
    "bad_encoding": _("文字按文件的编码读不出来；另存为 UTF-8 或 GB18030 再送。"),
    "missing_column": _("来源没有送这一列；补上列，或在映射里指定另一列。"),
    "unreadable_page": _("整页不是约定的格式，多半是来源的接口变了；修好后让来源重送这一页。"),
    "open_quote": _("引号只有一半；补上另一半，或把值里的引号写成两个。"),
    "nul_byte": _("行里有空字节，文件多半在传输中坏了；重新导出再送。"),
    "line_too_long": _("一行超过 128 KB，多半是前面漏了引号，几行并成了一行；补上引号再送。"),
    "bad_phone": _("不是有效的手机号或座机号；核对后再送，没有号码就留空。"),
    "bad_birthday": _("日历上没有这一天，或晚于今天；核对后再送，不知道就留空。"),
    "no_key": _("没有卡号也没有手机号，认不出是谁；补上其中一个再送。"),
}
DATA_KINDS = _spoken(KIND_LABELS)
BATCH_STATES = _spoken(STATE_LABELS)
COCKPIT_CUTS: Mapping[str, LazyText] = {"cause": _("原因"), "region": _("区域"), "channel": _("渠道")}
STORE_STATES: Mapping[str, LazyText] = {"low": _("价值洼地"), "falls": _("下滑"), "few": _("样本少"), "new": _("没有前期")}
STORE_STATE_KINDS: Mapping[str, LazyText] = {"low": "bad", "falls": "bad", "few": "", "new": "info"}
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

SCHEME_REFUSALS: Mapping[str, LazyText] = {  # why a tier scheme cannot sort people
    "shares_not_whole": _("占比合计 %(detail)s %%，要正好 100 %%。"),
    "share_out_of_range": _("占比要大于 0、不超过 100 %%，现在是 %(detail)s。"),
    "weights_not_whole": _("权重合计 %(detail)s %%，要正好 100 %%。"),
    "weight_out_of_range": _("「%(detail)s」的权重要大于 0、不超过 100 %%。"),
    "weight_not_mixable": _("「%(detail)s」不是 0 至 100 的分数，不能和别的一起加权。"),
    "no_inputs": _("至少要有一个依据。"),
    "no_tiers": _("至少要有一个等级。"),
    "too_many_tiers": _("等级太多：%(detail)s 个，最多 12 个。"),
    "code_twice": _("等级代码「%(detail)s」出现了两次。"),
    "bad_code": _("等级代码「%(detail)s」只能用大写字母、数字和下划线。"),
    "negative_cost": _("「%(detail)s」的成本上限不能是负数。"),
    "input_missing": _("没有「%(detail)s」这项依据。"),
    "threshold_not_a_number": _("「%(detail)s」的门槛不是数字。"),
    "last_tier_asks": _("最后一级「%(detail)s」不能设门槛，否则有人没有去处。"),
    "tier_unreachable": _("没有人能进入「%(detail)s」：上一级的门槛更低，或自己的上下限矛盾。"),
    "margin_out_of_range": _("留级余量要在 0 至 100 %% 之间。"),
    "drop_out_of_range": _("每次最多下降的级数不能是负数。"),
    "mood_out_of_range": _("情感线要在 −1 至 1 之间。"),
    "bands_out_of_order": _("RFM 分数线要从高到低，且在 4 至 15 之间。"),
    "grid_codes": _("六类的代码不能改。"),
    "unreadable": _("规则表读不出：%(detail)s"),
}
DESIGN_REFUSALS: Mapping[str, LazyText] = {
    "unknown": _("没有这个方案，或它没有启用。"),
    "no_draft": _("没有草稿。"),
    "changed": _("草稿在别处改过，先看清再发布。"),
    "not_tried": _("草稿改过以后还没有试算，先试算再提交。"),
    "not_asked": _("草稿还没有提交批准，或提交后又改过。"),
    "own": _("写草稿和提交的人不能批准，要由另一个人发布。"),
    "no_reason": _("退回要写原因。"),
    "no_run": _("还没有算过客户价值，第一次构建后再试。"),
    "in_force": _("这个方案已经启用。"),
    "no_slot": _("同时启用的方案到了上限，先停用一个。"),
}
SCHEME_PARTS: Mapping[str, LazyText] = {
    "label": _("名称"),
    "kind": _("类型"),
    "weights": _("分层依据"),
    "recut": _("重算"),
    "keep_margin": _("留级余量"),
    "drop_at_most": _("降级限制"),
    "mood_below": _("情感线"),
    "rfm_high": _("RFM 高分线"),
    "rfm_middle": _("RFM 中分线"),
    "clv_share": _("预测价值占比"),
    "tiers": _("等级"),
}
TIER_PARTS: Mapping[str, LazyText] = {
    "label": _("名称"),
    "goal": _("目标"),
    "service": _("专属服务"),
    "upgrade": _("升级条件"),
}
SCHEME_KINDS: Mapping[str, LazyText] = {
    "shares": _("按排名占比"),
    "thresholds": _("按门槛"),
    "grid": _("两维格子"),
}
VERSION_STATES: Mapping[str, LazyText] = {"draft": _("草稿"), "published": _("生效中"), "retired": _("已停用")}

TAG_DIMENSIONS: Mapping[str, LazyText] = {
    "demographic": _("人口属性"),
    "consumption": _("消费行为"),
    "value": _("价值等级"),
}
TAG_KINDS: Mapping[str, LazyText] = {
    "rule": _("规则"),
    "model": _("模型"),
    "manual": _("人工"),
    "imported": _("导入"),
}
TAG_REFUSALS: Mapping[str, LazyText] = {
    "code_twice": _("这个代码已经有标签在用。"),
    "dimension_unknown": _("先选一个维度。"),
    "empty": _("内容不能为空。"),
    "unknown": _("没有这个标签。"),
    "not_found": _("找不到这一位客户，或不在你的范围内。"),
    "role": _("你的角色不能给客户加标签。"),
    "past": _("到期日已经过了。"),
    "too_many": _("一次最多给 10 万人加或取标签；更大的一群人用分群。"),
    "nobody": _("选中的客户都不在你的范围内。"),
    "undone": _("这次变更已经撤销过。"),
    "running": _("这次变更还在进行，做完才能撤销。"),
}
INFERENCE_REFUSALS: Mapping[str, LazyText] = {
    "few": _("说过的人不到 200 位，或每个值不到 20 位，推断不出。"),
    "one": _("说过的人都是同一个值，推断不出。"),
    "naive": _("不比一律猜最常见的值准，没有保留。"),
}
LOOK_ALIKE_REFUSALS: Mapping[str, LazyText] = {
    "few": _("样子里能用的人不足 50 人，学不会。"),
    "others": _("样子以外的人不足 50 人，没有可找的。"),
    "naive": _("按购买习惯分不出这个人群，没有给名次。"),
}
CLUSTER_REFUSALS: Mapping[str, LazyText] = {
    "few": _("近 365 天有净消费的客户不足 300 人，分不出群。"),
    "same": _("客户之间没有差别，分不出群。"),
}
ASSOCIATION_LEVELS: Mapping[str, LazyText] = {
    "department": _("一级品类"),
    "category": _("品类"),
    "product": _("商品"),
}
ASSOCIATION_REFUSALS: Mapping[str, LazyText] = {
    "many": _("达到最低支持度的组合太多，请调高支持度。"),
    "nothing": _("近 180 天没有可用的购物篮。"),
}
COMPARISON_REFUSALS: Mapping[str, LazyText] = {
    "list": _("名单还没有算出来，算好后再开始。"),
    "running": _("已经有一个对照在进行。"),
    "none": _("有一边没有人，没有可以比的。"),
    "few": _("两边都要至少 30 人才比得出来。"),
    "soon": _("满 7 天后才比。"),
    "unbuilt": _("还没有发布任何版本。"),
}
SCENARIO_REFUSALS: Mapping[str, LazyText] = {
    "no_name": _("名称不能为空；代码用小写字母开头，2 至 32 个小写字母、数字或下划线。"),
    "bad_numbers": _("单数填 1 至 100，天数填 1 至 730，钟点填 0 至 23 且从早到晚。"),
    "no_category": _("没有一个品类的名称含这些词。"),
    "no_slot": _("生效的场景已满，先停用一条。"),
    "unknown": _("没有这条规则。"),
}
FORMULAS: Mapping[str, LazyText] = {"interaction": _("互动力的权重"), "potential": _("潜在力的权重")}
FORMULA_PARTS: Mapping[str, LazyText] = {
    "purchase": _("购买"),
    "view": _("浏览"),
    "search": _("搜索"),
    "cart": _("加购"),
    "pay": _("支付"),
    "review": _("评价"),
    "community": _("社区"),
    "momentum": _("近 90 天势头"),
    "headroom": _("消费余地"),
    "freshness": _("新近程度"),
}
