"""The words of what intake stores as codes."""

from collections.abc import Mapping

from huitou.core.labels import Label

REASON_LABELS: Mapping[str, Label] = {
    "missing": Label("必填项为空", "A required value is empty"),
    "unknown_code": Label("代码不在列表中", "Unknown code"),
    "unreadable_number": Label("不是数字", "Not a number"),
    "too_many_decimals": Label("小数位过多", "Too many decimals"),
    "out_of_range": Label("超出范围", "Out of range"),
    "too_long": Label("过长", "Too long"),
    "unreadable_moment": Label("不是时间", "Not a time"),
    "unreadable_day": Label("不是日期", "Not a date"),
    "impossible_date": Label("日期不存在", "No such date"),
    "in_future": Label("时间在未来", "In the future"),
    "too_old": Label("早于 2000 年", "Before the year 2000"),
    "unreadable_flag": Label("不是是或否", "Neither yes nor no"),
    "wrong_sign": Label("正负号与单据不符", "Sign does not fit the document"),
    "missing_original": Label("退货或作废缺原单号", "Return or void without its original"),
    "self_reference": Label("原单号指向自己", "Names itself as its original"),
    "inconsistent_order": Label("同一单前后不一致", "Order contradicts itself"),
    "order_refused": Label("所在订单被隔离", "Its order was refused"),
    "conflict": Label("同一编号内容不同", "Same number, other content"),
    "wrong_columns": Label("列数不对", "Wrong number of columns"),
    "bad_encoding": Label("文字编码读不出", "Unreadable encoding"),
    "missing_column": Label("缺少列", "A column is missing"),
    "unreadable_page": Label("整页读不出", "The whole page is unreadable"),
    "open_quote": Label("引号没有成对", "Unpaired quote"),
    "nul_byte": Label("含有空字节", "NUL byte"),
    "line_too_long": Label("一行过长", "Line too long"),
    "bad_phone": Label("手机号不对", "Bad phone number"),
    "bad_birthday": Label("生日不对", "Bad birthday"),
    "no_key": Label("没有卡号和手机号", "No card and no phone"),
}
KIND_LABELS: Mapping[str, Label] = {
    "order": Label("订单", "Orders"),
    "customer": Label("客户资料", "Customer data"),
    "identifier": Label("卡号", "Card number"),
    "points": Label("积分", "Points"),
    "balance": Label("积分余额", "Points balance"),
    "ticket": Label("工单", "Tickets"),
    "ticket_status": Label("工单状态", "Ticket status"),
    "product": Label("商品", "Products"),
    "store": Label("门店", "Stores"),
    "event": Label("行为事件", "Events"),
}
STATE_LABELS: Mapping[str, Label] = {
    "sealed": Label("已封存", "Sealed"),
    "stored": Label("已存入", "Stored"),
    "applied": Label("已归人", "Resolved"),
    "folded": Label("已入数", "In the figures"),
    "withdrawn": Label("已撤销", "Withdrawn"),
}
