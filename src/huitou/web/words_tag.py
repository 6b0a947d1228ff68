"""The words of tags, scenarios and the searches for groups of customers."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from huitou.web.lazy import LazyText

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
REACH_BLOCKS: Mapping[str, LazyText] = {
    "erasing": _("正在等待删除"),
    "suppressed": _("号码属于已删除的人"),
    "minor": _("未满 14 岁"),
    "refused": _("拒绝营销"),
    "held": _("对照留出"),
    "no_contact": _("没有联系方式"),
    "unasked": _("没问过同意"),
}
COMPARISON_REFUSALS: Mapping[str, LazyText] = {
    "list": _("名单还没有算出来，算好后再开始。"),
    "running": _("已经有一个对照在进行。"),
    "none": _("有一边没有人，没有可以比的。"),
    "few": _("两边都要至少 30 人才比得出来。"),
    "soon": _("满 7 天后才比。"),
    "unbuilt": _("还没有发布任何版本。"),
    "failed": _("上次计算出错，正在重算；还出错的话，请数据工程师看构建页里的任务。"),
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
