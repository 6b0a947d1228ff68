"""The words of builds and jobs: kinds, states, steps, tables, checks."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from huitou.web.lazy import LazyText

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
    "value.try_draft": _("试算分层草稿"),
    "value.tags_expire": _("取下到期的标签"),
    "identity.import_persons": _("数导入涉及的客户"),
    "value.tags_of_many": _("给多人加或取标签"),
    "tasks.run": _("批量建任务"),
    "tasks.settle": _("结束已核实的任务"),
    "benefits.run": _("批量发券"),
    "benefits.run_withdraw": _("收回批量发的券"),
    "value.tags_undo": _("撤销多人的标签变更"),
    "value.demographics": _("更新年龄和性别"),
    "value.infer": _("推断标签"),
    "value.reasons": _("数方案交叉、不再来的原因、动机、首单路径和名单重合"),
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
    "identity.resolve_everything": _("重新匹配全部记录"),
    "customers.completeness": _("重算资料完整度"),
    "value.clusters": _("把客户分成群"),
    "segments.known": _("读谁能触达"),
    "segments.compare": _("数对照带来多少"),
    "segments.look_alike": _("找相似的客户"),
    "recommend.run": _("算推荐"),
    "recommend.associations": _("找关联规则"),
    "anomalies.look": _("找异常的日子"),
}
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
STATE_KINDS = {  # the look of a state: badge kind and icon
    "planned": ("", "clock"),
    "running": ("accent", "rotate"),
    "built": ("", "check"),
    "done": ("good", "check"),
    "published": ("good", "check"),
    "failed": ("bad", "alert-circle"),
}
