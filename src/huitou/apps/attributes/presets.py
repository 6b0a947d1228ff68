"""Attributes that many chains ask for, ready to be added with one click: sensitive, each with its choices."""

from dataclasses import dataclass

from huitou.core.attributes import AttributeChoice
from huitou.core.labels import Label
from huitou.core.value.churn import REASONS, STATED_IN
from huitou.core.value.paths import MOTIVE_IN


@dataclass(frozen=True, slots=True)
class Preset:
    """An attribute of choices that nobody has to write."""

    code: str
    title: Label
    choices: tuple[AttributeChoice, ...]
    is_sensitive: bool = True


def _choices(*told: tuple[str, str]) -> tuple[AttributeChoice, ...]:
    return tuple(AttributeChoice(code, title) for code, title in told)


PRESETS = (
    Preset(
        "income_level",
        Label("收入水平", "Income level"),
        _choices(
            ("under_5k", "月收入5千元以下"), ("from_5k", "月收入5千至1万元"), ("from_10k", "月收入1万至2万元"),
            ("from_20k", "月收入2万至5万元"), ("from_50k", "月收入5万元以上"),
        ),
    ),
    Preset(
        "education",
        Label("教育程度", "Education"),
        _choices(
            ("junior", "初中及以下"), ("senior", "高中或中专"), ("college", "大专"), ("bachelor", "本科"), ("master", "硕士"),
            ("doctor", "博士"),
        ),
    ),
    Preset(
        "occupation",
        Label("职业", "Occupation"),
        _choices(
            ("head", "单位负责人"), ("professional", "专业技术人员"), ("clerk", "办事人员"), ("service", "商业和服务业人员"),
            ("farming", "农林牧渔业人员"), ("production", "生产和运输人员"), ("military", "军人"), ("student", "学生"),
            ("retired", "退休"), ("other", "其他"),
        ),
    ),
    Preset(
        STATED_IN,
        Label("不再来的原因", "Reason for staying away"),
        _choices(*((reason.code, reason.label.zh) for reason in REASONS)),
        is_sensitive=False,
    ),
    Preset(
        MOTIVE_IN,
        Label("购买动机", "Purchase motive"),
        _choices(
            ("need", "日常所需"), ("price", "价格或优惠"), ("gift", "送礼"), ("try", "尝鲜"), ("referred", "他人推荐"),
            ("nearby", "就近方便"), ("other", "其他"),
        ),
        is_sensitive=False,
    ),
)  # fmt: skip
