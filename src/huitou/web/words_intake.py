"""The words of sources, imports, batches and refused rows."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from huitou.apps.intake.labels import KIND_LABELS, REASON_LABELS, STATE_LABELS
from huitou.web.lazy import LazyText
from huitou.web.words import spoken
from huitou.web.words_person import BEHAVIOURS

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
TOUCHPOINTS: Mapping[str, LazyText] = {
    **BEHAVIOURS,
    "order": _("订单"),
    "customer": _("客户资料"),
    "identifier": _("卡号"),
    "event": _("事件"),
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
    "refused": _("没有写入，改好可再传"),
}
IMPORT_PARTS: Mapping[str, LazyText] = {  # what an import did to a person
    "new": _("新档案"),
    "joined": _("并入已有档案"),
    "updated": _("更新了资料"),
    "buyer": _("有订单"),
}
REASONS = spoken(REASON_LABELS)
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
DATA_KINDS = spoken(KIND_LABELS)
BATCH_STATES = spoken(STATE_LABELS)
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
GAP_WAYS: Mapping[str, LazyText] = {  # how a key field that is missing usually comes in
    "phone": _("收银时问，或导购补问"),
    "name": _("售后工单里确认"),
    "birthday": _("收银时问，当面核对"),
    "address": _("下一次商城订单的收货地址"),
    "gender": _("会员资料里自己填"),
    "store": _("在门店买一次就有"),
}
ORIGINS: Mapping[str, LazyText] = {"real": _("真实"), "transformed": _("变换"), "synthetic": _("合成")}
