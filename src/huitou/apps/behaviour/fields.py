"""What customers can be filtered by of what they did besides buying."""

from huitou.apps.base.fields import Column, FieldEntry
from huitou.core.filters.catalogue import Field, FieldType
from huitou.core.labels import Label

BEHAVIOUR = Label("行为", "Behaviour")


def _last(name: str, zh: str, en: str) -> FieldEntry:
    """Days since a person last did something; the day is kept beside the person."""
    field = Field(f"days_since_{name}", Label(zh, en), FieldType.DAYS_AGO, orm_path=f"behaviour__last_{name}_on")
    return FieldEntry(field, BEHAVIOUR, Column.OFFERED)


_RATING = Field(
    "last_rating",
    Label("最近评分", "Last rating"),
    FieldType.INTEGER,
    orm_path="behaviour__last_rating",
    minimum=1,
    maximum=5,
)
ENTRIES = (
    _last("view", "最近浏览", "Last view"),
    _last("search", "最近搜索", "Last search"),
    _last("cart", "最近加购", "Last added to cart"),
    _last("pay", "最近线上支付", "Last online payment"),
    _last("review", "最近评价", "Last review"),
    _last("community", "最近社区发言", "Last community post"),
    FieldEntry(_RATING, BEHAVIOUR, Column.OFFERED),
)
