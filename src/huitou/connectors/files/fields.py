"""
What a file may hold: the kinds of import, their fields, and the headers by which a field is recognised.

A field's name is the column that the mapping files read. Headers are compared without case, blanks and punctuation.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huitou.core.labels import Label

ATTRIBUTE_SLOTS = 12  # attributes in one sheet
_NOISE = re.compile(r"[\s_\-*:：()（）\[\]【】/.]+|\ufeff")


@dataclass(frozen=True, slots=True)
class FileField:
    """One target of a mapping. `headers`: how files call it, in normal form; the title is among them."""

    name: str
    title: Label
    headers: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class FileKind:
    """
    One kind of import, stored under its code. one_of: at least one of these must be mapped.

    group_by: the field whose equal values make one document; its rows are never cut apart.
    """

    code: str
    title: Label
    kinds: tuple[str, ...]  # canonical, the one that counts the file's rows first
    fields: tuple[FileField, ...]
    one_of: tuple[str, ...] = ()
    group_by: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


def _f(name: str, zh: str, en: str, *headers: str, required: bool = False) -> FileField:
    return FileField(name, Label(zh, en), tuple(normal_header(text) for text in (zh, en, name, *headers)), required)


def normal_header(text: str) -> str:
    """Return a header as it is compared."""
    return _NOISE.sub("", text).casefold()


def _slots(name: str, zh: str, en: str) -> tuple[FileField, ...]:
    """Return the numbered places of a sheet's attribute columns: column n holds the values of the attribute in code n."""
    return tuple(_f(f"{name}_{number}", f"{zh} {number}", f"{en} {number}") for number in range(1, ATTRIBUTE_SLOTS + 1))


_WHO = ("source_id", "member_card", "phone")
_PERSON = (
    _f(
        "source_id",
        "客户编号",
        "Customer number",
        "客户号",
        "客户id",
        "会员编号",
        "会员id",
        "customer id",
        "customerid",
        "member no",
        "member id",
    ),
    _f("member_card", "会员卡号", "Member card", "卡号", "会员号", "card", "card no", "card number", "membership card"),
    _f(
        "phone",
        "手机号",
        "Phone",
        "手机",
        "电话",
        "手机号码",
        "联系电话",
        "联系方式",
        "mobile",
        "mobile phone",
        "phone number",
        "tel",
    ),
    _f("name", "姓名", "Name", "客户姓名", "会员姓名", "称呼", "full name", "customer name"),
)
_PROFILE = (
    *_PERSON,
    _f("gender", "性别", "Gender", "sex"),
    _f("birthday", "生日", "Birthday", "出生日期", "birth date", "date of birth", "dob"),
    _f("email", "电子邮箱", "E-mail", "邮箱", "邮件", "e-mail", "mail"),
    _f("address", "地址", "Address", "联系地址", "住址", "通讯地址"),
    _f("wx_openid", "微信 OpenID", "WeChat OpenID", "openid"),
    _f("wx_unionid", "微信 UnionID", "WeChat UnionID", "unionid"),
    _f("store_code", "门店编码", "Store code", "门店", "所属门店", "归属门店", "开卡门店", "店铺", "store", "store id", "shop"),
    _f(
        "registered_at",
        "注册时间",
        "Joined at",
        "入会时间",
        "开卡时间",
        "注册日期",
        "入会日期",
        "开卡日期",
        "登记时间",
        "登记日期",
        "办卡时间",
        "办卡日期",
        "joined",
        "join date",
        "created at",
    ),
    _f("updated_at", "更新时间", "Updated at", "修改时间", "更新日期", "last modified", "modified"),
)
_REFERRED = (
    _f(
        "referrer", "推荐人", "Referrer", "推荐人手机号", "推荐人手机", "推荐人卡号", "推荐人编号", "推荐人会员号", "介绍人",
        "referred by", "referrer card", "referrer phone", "recommended by",
    ),
)  # fmt: skip
_STORE_CODE = _f("store_code", "门店编码", "Store code", "门店", "店铺", "门店代码", "store", "store id", "shop")
_SKU = ("商品", "商品代码", "货号", "条码", "sku", "product", "product id", "item", "barcode")

_PROFILED = ("customer", "event", "identifier")  # the latter two: who referred the customer
FILE_KINDS: Mapping[str, FileKind] = {
    kind.code: kind
    for kind in (
        FileKind(
            "members", Label("会员", "Members"), _PROFILED, (*_PROFILE, *_REFERRED), one_of=("member_card", "source_id", "phone")
        ),
        FileKind("customers", Label("客户", "Customers"), _PROFILED, (*_PROFILE, *_REFERRED), one_of=_WHO),
        FileKind(
            "orders", Label("订单与明细", "Orders with lines"), ("order", "customer"),
            (
                _f("order_no", "订单号", "Order number", "单号", "小票号", "订单编号", "order", "order id",
                   "receipt", "receipt no", required=True),
                _f("kind_code", "单据类型", "Document type", "类型", "交易类型", "type", "kind"),
                _f("original_order_no", "原单号", "Original order", "原订单号", "原小票号", "original order",
                   "original receipt no"),
                _f("sold_at", "销售时间", "Sold at", "下单时间", "交易时间", "订单时间", "日期", "时间", "date",
                   "time", "order date",
                   required=True),
                _f("store_code", "门店编码", "Store code", "门店", "店铺", "门店代码", "store", "store id",
                   "shop", required=True),
                _f("channel_code", "渠道", "Channel", "channel"),
                _f("line_no", "行号", "Line no", "明细行号", "序号", "line", "line number"),
                _f("product_code", "商品编码", "Product code", *_SKU, required=True),
                _f("qty", "数量", "Qty", "件数", "quantity", required=True),
                _f("amount", "金额", "Amount", "实付金额", "成交金额", "行金额", "总价", "total", "line amount", required=True),
                _f("discount", "优惠金额", "Discount", "折扣", "优惠"),
                *_PERSON[:3],
            ),
            group_by="order_no",
        ),
        FileKind(
            "points", Label("积分流水", "Points entries"), ("points", "customer"),
            (
                _f("entry_no", "流水号", "Entry number", "积分流水号", "编号", "entry", "entry id", "id"),
                *_PERSON[:3],
                _f("occurred_at", "发生时间", "Happened at", "时间", "日期", "date", "time", required=True),
                _f("delta_points", "积分变动", "Points change", "积分", "变动积分", "points", "delta", required=True),
                _f("reason_code", "原因", "Reason", "变动原因", "类型", "reason", "type"),
            ),
            one_of=_WHO,
        ),
        FileKind(
            "products", Label("商品", "Products"), ("product",),
            (
                _f("product_code", "商品编码", "Product code", *_SKU, required=True),
                _f("name", "商品名称", "Product name", "名称", "品名", "product name", required=True),
                _f("category_path", "品类", "Category", "分类", "类目", "品类路径", "category", required=True),
                _f("brand", "品牌", "Brand"), _f("unit", "单位", "Unit"), _f("price", "售价", "Price", "价格", "零售价"),
                _f("cost", "成本", "Cost", "成本价", "进价"),
                _f("updated_at", "更新时间", "Updated at", "修改时间", "last modified"),
            ),
        ),
        FileKind(
            "stores", Label("门店", "Stores"), ("store",),
            (
                _f("store_code", "门店编码", "Store code", "门店代码", "编码", "store id", "code", required=True),
                _f("name", "门店名称", "Store name", "名称", "店名", "store name", required=True),
                _f("region_code", "区域编码", "Region code", "区域代码", "region"),
                _f("region_name", "区域", "Region name", "大区", "区域名称", required=True),
                _f("city", "城市", "City"),
                _f("address", "地址", "Address"),
                _f("latitude", "纬度", "Latitude", "lat"),
                _f("longitude", "经度", "Longitude", "lng", "lon"),
                _f("opened_on", "开业日期", "Opened on", "开店日期", "open date"),
                _f("area_m2", "面积", "Area (m²)", "营业面积", "area"),
                _f("updated_at", "更新时间", "Updated at", "修改时间", "last modified"),
            ),
        ),
        FileKind(
            "tickets", Label("工单", "Tickets"), ("ticket", "customer"),
            (
                _f("ticket_no", "工单号", "Ticket number", "工单编号", "编号", "ticket", "ticket id", "id", required=True),
                *_PERSON[:3],
                _f("type_code", "工单类型", "Ticket type", "类型", "type", "category"),
                _f("status_code", "状态", "Status", "status"),
                _f("opened_at", "创建时间", "Opened at", "受理时间", "提交时间", "opened", "created at", required=True),
                _f("subject", "主题", "Subject", "标题", "title"), _f("body", "内容", "Body", "描述", "问题描述", "description"),
                _f("order_no", "订单号", "Order number", "单号",
                   "order"), _STORE_CODE, _f("product_code", "商品编码", "Product code", *_SKU),
                _f("updated_at", "更新时间", "Updated at", "修改时间", "last modified"),
            ),
        ),
        FileKind(
            "leads", Label("跟进表", "Follow-up sheet"), ("event", "customer"),
            (
                *_PERSON,
                _f("event_no", "编号", "Number", "序号", "id", "no"),
                _f("occurred_at", "跟进时间", "Happened at", "登记时间", "日期", "时间", "date", "time", required=True),
                _f("text", "跟进内容", "Note", "备注", "内容", "需求", "note", "notes", "remark"),
                _STORE_CODE, _f("product_code", "意向商品", "Wanted product", *_SKU),
            ),
            one_of=_WHO,
        ),
        FileKind(
            "groups", Label("群成员", "Group members"), ("event", "customer"),
            (
                *_PERSON,
                _f("group_code", "群编号", "Group code", "群号", "群id", "社群编号", "群聊id", "group", "group id",
                   "chat id", required=True),
                _f("group_name", "群名称", "Group name", "群名", "社群名称", "chat name"),
                _f("guide", "群主", "Guide", "导购", "群主姓名", "owner"),
                _f("occurred_at", "入群时间", "Joined at", "加入时间", "进群时间", "日期", "时间", "join time", "date", "time",
                   required=True),
                _f("left_at", "退群时间", "Left at", "离群时间", "leave time"),
                _STORE_CODE,
            ),
            one_of=_WHO,
        ),
        FileKind(
            "touches", Label("触达记录", "Messages and calls"), ("event", "customer"),
            (
                *_PERSON,
                _f("event_no", "编号", "Number", "单号", "序号", "id", "no"),
                _f("channel", "渠道", "Channel", "触达渠道", required=True),
                _f("occurred_at", "触达时间", "Sent at", "发送时间", "送达时间", "拨打时间", "时间", "日期", "date", "time",
                   required=True),
                _f("responded_at", "回应时间", "Answered at", "打开时间", "点击时间", "接通时间", "回复时间", "opened at",
                   "clicked at"),
            ),
            one_of=_WHO,
        ),
        FileKind(
            "attributes", Label("客户属性", "Customer attributes"), ("event", "customer"),
            (
                *_PERSON,
                _f("occurred_at", "采集时间", "Observed at", "更新时间", "核实时间", "日期", "时间", "date", "time"),
                *_slots("value", "属性值", "Value"), *_slots("code", "属性编码", "Attribute code"),
            ),
            one_of=_WHO,
        ),
        FileKind(
            "events", Label("自定义事件", "Custom events"), ("event", "customer"),
            (
                *_PERSON,
                _f("event_no", "编号", "Number", "单号", "序号", "id", "no"),
                _f("type_code", "事件编码", "Event code", "类型编码", "事件", "类型", "type", "event", required=True),
                _f("occurred_at", "发生时间", "Happened at", "日期", "时间", "date", "time", required=True),
                _f("rating", "评分", "Rating", "星级", "stars"),
                _f("text", "内容", "Note", "备注", "说明", "note", "notes", "remark"),
                _STORE_CODE, _f("product_code", "商品编码", "Product code", *_SKU),
            ),
            one_of=_WHO,
        ),
    )
}  # fmt: skip


def mapping_suggest(kind: FileKind, header: Sequence[str]) -> dict[str, int]:
    """
    Return {field: column} for the headers that name a field, each column once.

    An exact title wins; what is left is matched by the first of the field's other names that stands in the header.
    """
    columns = [normal_header(text) for text in header]
    found: dict[str, int] = {}
    for rank in range(max(len(field.headers) for field in kind.fields)):
        for field in kind.fields:
            if field.name in found or rank >= len(field.headers) or field.headers[rank] not in columns:
                continue
            column = columns.index(field.headers[rank])
            if column not in found.values():
                found[field.name] = column
    return found


def mapping_problems(kind: FileKind, given: Sequence[str]) -> list[Label]:
    """Return the titles of what is missing for these mapped (or constant) fields; empty when the import may run."""
    titles = {field.name: field.title for field in kind.fields}
    missing = [field.title for field in kind.fields if field.required and field.name not in given]
    if kind.one_of and not set(kind.one_of) & set(given):
        choice = [titles[name] for name in kind.one_of]
        missing.append(Label(" / ".join(title.zh for title in choice), " / ".join(title.en for title in choice)))
    return missing
