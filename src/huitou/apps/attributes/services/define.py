"""Define attributes and event types; what is used already keeps its code, type and protection."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from huitou.apps.attributes.definitions import Defined
from huitou.apps.attributes.models import Attribute, AttributeValue, EventType
from huitou.apps.attributes.presets import PRESETS
from huitou.apps.base.audit import audit_record
from huitou.apps.privacy.consent import PURPOSES
from huitou.core.attributes import CODE, KNOWN_EVENTS, AttributeChoice, AttributeType
from huitou.core.decimals import MOST_PLACES
from huitou.core.labels import Refusal, mark

DEFAULT_PURPOSE = "personal"


class DefinitionRefused(Refusal):
    """The definition cannot be saved; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a definition's origin."""

    code: str
    title: str
    title_en: str = ""
    is_third_party: bool = False
    provider: str = ""
    basis_code: str = ""
    expires_on: date | None = None


@transaction.atomic
def attribute_save(
    *,
    told: Told,
    type: AttributeType,
    choices: Sequence[AttributeChoice] = (),
    places: int = 0,
    unit: str = "",
    is_sensitive: bool = False,
    purpose_code: str = DEFAULT_PURPOSE,
    stale_after_days: int = 180,
    by: int | None,
    now: datetime,
    attribute_id: int | None = None,
) -> Attribute:
    """
    Make an attribute, or change one: its title, origin, unit and choices. Raises DefinitionRefused.

    places: of a decimal, 1 to 6. A choice that values hold stays; type, places, protection and the purpose a sensitive one
    takes consent for stay as they were once the attribute exists.
    """
    one = Attribute.objects.select_for_update().get(pk=attribute_id) if attribute_id else Attribute(created_at=now, created_by=by)
    if one.pk is None:
        _code_check(told.code, Attribute.objects.filter(code=told.code).exists())
        if purpose_code not in PURPOSES:
            raise DefinitionRefused(mark("没有这项用途"))
        if (type is AttributeType.DECIMAL) != (1 <= places <= MOST_PLACES):
            raise DefinitionRefused(mark("小数要写 1 到 {most} 位，其他类型不写"), most=MOST_PLACES)
        one.places = places
        one.type_code, one.is_sensitive, one.purpose_code = type.value, is_sensitive, purpose_code
    if (one.type_code == AttributeType.CHOICE) != bool(choices):
        raise DefinitionRefused(mark("单选要列出选项，其他类型不能有选项"))
    held = AttributeValue.objects.filter(attribute_id=one.pk or 0).exclude(text_value=None)
    if one.pk and one.type_code == AttributeType.CHOICE:
        lost = set(held.values_list("text_value", flat=True).distinct()) - {choice.code for choice in choices}
        if lost:
            raise DefinitionRefused(mark("这些选项已有人使用，不能去掉：{codes}"), codes="、".join(sorted(map(str, lost))))
    if not 1 <= stale_after_days <= 3_650:
        raise DefinitionRefused(mark("核实期限是 1 到 3650 天"))
    one.choices = [asdict(choice) for choice in choices]
    one.unit, one.stale_after_days = unit.strip()[:16], stale_after_days
    return _saved(one, told, by=by, now=now)


def preset_add(*, code: str, by: int | None, now: datetime) -> Attribute:
    """Make a ready-made attribute as it comes. Raises DefinitionRefused: there is none of this code, or the code is taken."""
    preset = next((one for one in PRESETS if one.code == code), None)
    if preset is None:
        raise DefinitionRefused(mark("没有这个现成属性"))
    return attribute_save(
        told=Told(preset.code, preset.title.zh, preset.title.en), type=AttributeType.CHOICE, choices=preset.choices,
        is_sensitive=preset.is_sensitive, by=by, now=now,
    )  # fmt: skip


@transaction.atomic
def event_type_save(*, told: Told, by: int | None, now: datetime, event_type_id: int | None = None) -> EventType:
    """Make an event type, or change one's title and origin. Raises DefinitionRefused."""
    one = (
        EventType.objects.select_for_update().get(pk=event_type_id) if event_type_id else EventType(created_at=now, created_by=by)
    )
    if one.pk is None:
        _code_check(told.code, told.code in KNOWN_EVENTS or EventType.objects.filter(code=told.code).exists())
    return _saved(one, told, by=by, now=now)


def definition_switch(
    *, kind: type[Attribute] | type[EventType], pk: int, is_enabled: bool, by: int | None, now: datetime
) -> None:
    """Switch a definition off (its values stay, hidden) or on again; run again it changes nothing."""
    if kind.objects.filter(pk=pk).exclude(is_enabled=is_enabled).update(is_enabled=is_enabled):
        action = "definition.switch_on" if is_enabled else "definition.switch_off"
        audit_record(action_code=action, subject_kind=kind._meta.model_name or "", subject_id=pk, now=now, user_id=by)


def _code_check(code: str, is_taken: bool) -> None:
    if not CODE.fullmatch(code):
        raise DefinitionRefused(mark("编码以小写字母开头，只含小写字母、数字和下划线，2 到 31 个"))
    if is_taken:
        raise DefinitionRefused(mark("编码 {code} 已有，换一个"), code=code)


def _saved(one: Defined, told: Told, *, by: int | None, now: datetime) -> Defined:
    if not told.title.strip():
        raise DefinitionRefused(mark("名称不能为空"))
    if one.pk is None:
        one.code = told.code
    one.title, one.title_en = told.title.strip()[:40], told.title_en.strip()[:40]
    one.is_third_party, one.provider, one.basis_code = told.is_third_party, told.provider.strip()[:80], told.basis_code
    one.expires_on = told.expires_on
    one.save()
    audit_record(
        action_code="definition.saved", subject_kind=one._meta.model_name or "", subject_id=one.pk, now=now, user_id=by,
        code=one.code, is_third_party=one.is_third_party, basis=one.basis_code,
    )  # fmt: skip
    return one
