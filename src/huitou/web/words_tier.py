"""The words of tier schemes, and of the cockpit's stores."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from huitou.core.value.scheme import Recut
from huitou.web.lazy import LazyText

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
    "custom_missing": _("「%(detail)s」已停用、到期、不存在或不是数字，不能作依据：换一项，或先启用它。"),
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
    "custom_missing": _("草稿用到的自定义依据已停用、到期或不存在：换一项，或先启用它。"),
    "no_slot": _("同时启用的方案到了上限，先停用一个。"),
}
RECUTS: Mapping[Recut, LazyText] = {Recut.MONTHLY: _("每月 1 日"), Recut.NIGHTLY: _("每天夜里")}
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
COCKPIT_CUTS: Mapping[str, LazyText] = {"cause": _("原因"), "region": _("区域"), "channel": _("渠道")}
COCKPIT_SPENDS: Mapping[str, LazyText] = {"head": _("人均"), "total": _("总额")}
STORE_STATES: Mapping[str, LazyText] = {"low": _("价值洼地"), "falls": _("下滑"), "few": _("样本少"), "new": _("没有前期")}
STORE_STATE_KINDS: Mapping[str, LazyText] = {"low": "bad", "falls": "bad", "few": "", "new": "info"}
