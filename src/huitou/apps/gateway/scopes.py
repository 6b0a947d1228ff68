"""What an API key may be made for: codes are stored, labels may change."""

from collections.abc import Mapping

from huitou.core.labels import Label

SCOPES: Mapping[str, Label] = {
    "customers:read": Label("读客户（打码）", "Read customers (masked)"),
    "standing:read": Label("查等级、积分和可用券", "Look up tier, points and usable coupons"),
    "coupons:issue": Label("发券", "Issue coupons"),
    "coupons:redeem": Label("核销和退回券", "Redeem and return coupons"),
    "identities:read": Label("读身份依据", "Read identity evidence"),
    "identities:write": Label("合并与拆分", "Merge and split"),
    "events:write": Label("上报事件", "Send events"),
    "orders:read": Label("读订单", "Read orders"),
    "imports:read": Label("读导入结果", "Read imports"),
    "imports:write": Label("导入文件", "Import files"),
    "exports:read": Label("导出客户（打码）", "Export customers (masked)"),
    "catalogue:read": Label("读门店与商品", "Read stores and products"),
    "segments:read": Label("读人群、实时数人", "Read segments, count rules"),
    "segments:write": Label("新建人群", "Make segments"),
    "recommendations:read": Label("读推荐", "Read recommendations"),
    "recommendations:write": Label("停止推荐商品", "Stop recommending products"),
    "webhooks:write": Label("管理回调", "Manage webhooks"),
}
# What webhook endpoints are told.
WEBHOOK_EVENTS: Mapping[str, Label] = {
    "person.merged": Label("客户合并", "Persons merged"),
    "person.split": Label("客户拆分", "Person split"),
    "person.undone": Label("合并或拆分已撤销", "Merge or split undone"),
    "import.ended": Label("导入结束", "Import ended"),
}
