"""When a source is late, and the words of the key fields. Rules as tables."""

from collections.abc import Mapping
from datetime import timedelta

from huitou.core.labels import Label

LAG_LIMITS: Mapping[str, timedelta] = {
    "mall": timedelta(minutes=15),
    "pos": timedelta(minutes=15),
    "membership": timedelta(minutes=15),
    "aftersales": timedelta(minutes=15),
}  # by the connector's code
DEFAULT_LAG_LIMIT = timedelta(hours=1)
NOT_PULLED = frozenset({"files", "events"})  # they bring what people and senders bring; silence is a touchpoint's matter

FIELD_LABELS: Mapping[str, Label] = {
    "phone": Label("手机号", "Phone"),
    "name": Label("姓名", "Name"),
    "birthday": Label("生日", "Birthday"),
    "address": Label("常住地址", "Address"),
    "gender": Label("性别", "Gender"),
    "store": Label("归属门店", "Home store"),
}
