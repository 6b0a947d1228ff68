"""What an import changed: persons, orders, money, tiers, refused rows; each figure is the count of the list that it leads to."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.apps.base import jobs
from huitou.apps.base.fields import Noun
from huitou.apps.base.listing import Asked
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries.listing import person_count
from huitou.apps.identity.fields import ANY
from huitou.apps.identity.services.import_persons import JOB
from huitou.apps.intake.imports import ImportView
from huitou.apps.intake.models import Batch, BatchState
from huitou.apps.intake.queries import import_batches
from huitou.apps.sales.orders import order_sums
from huitou.apps.value.queries import run_since
from huitou.apps.value.schemes import schemes_in_force
from huitou.connectors.files.fields import FILE_KINDS
from huitou.core.filters.tree import All, Condition, Operator
from huitou.core.filters.url_form import to_url
from huitou.web import drill, formats
from huitou.web.lists.registry import LISTS
from huitou.web.lists.state import ListContext, state_read

MASTER_KINDS = frozenset({"products", "stores"})
MOST_BATCHES = 100  # in one address; a larger file's orders are counted in the builds


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One figure; url: the list that it counts, empty where the role has none. waits: what has to happen first, for no figure."""

    label: str
    figure: str = ""
    url: str = ""
    note: str = ""
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """The lines, and whether some of them wait."""

    lines: tuple[EffectLine, ...]

    @property
    def is_pending(self) -> bool:
        return any(line.waits for line in self.lines)


def import_effect(viewer: Viewer, view: ImportView) -> Effect | None:
    """Return what an import changed, as it stands today; None for master data, which touches no person."""
    if view.kind_code in MASTER_KINDS:
        return None
    batches = import_batches(view.import_id).batches
    lines = [*_persons(viewer, view, batches)]
    if "order" in FILE_KINDS[view.kind_code].kinds:
        lines += _orders(viewer, batches)
    lines += [*_tiers(viewer, view, batches), _refused(view)]
    return Effect(tuple(lines))


def _persons(viewer: Viewer, view: ImportView, batches: tuple[Batch, ...]) -> Iterator[EffectLine]:
    is_applied = all(batch.state in (BatchState.APPLIED, BatchState.FOLDED) for batch in batches)
    waits = "" if is_applied and not jobs.is_waiting(JOB, import_id=view.import_id) else _("归人之后，约 30 秒")
    for name, label, note in (
        ("import_new", _("新档案"), ""),
        ("import_joined", _("并入已有档案"), ""),
        (ANY, _("涉及的客户"), _("含只更新资料和只有订单的")),
    ):
        condition = Condition(name, Operator.EQ, view.import_id)
        if waits:
            yield EffectLine(label, note=note, waits=waits)
        else:
            found = person_count(viewer, _asked(Noun.CUSTOMER, viewer, condition))
            yield EffectLine(label, formats.count_text(found.value), drill.customers_url(viewer.role_code, condition), note)


def _orders(viewer: Viewer, batches: tuple[Batch, ...]) -> list[EffectLine]:
    labels = (_("订单"), _("这些订单的净额"))
    if not batches:
        return [EffectLine(labels[0], formats.count_text(0)), EffectLine(labels[1], formats.money_text(0))]
    if any(batch.state != BatchState.FOLDED for batch in batches):
        return [EffectLine(label, waits=_("进入下一个数据版本之后")) for label in labels]
    if len(batches) > MOST_BATCHES:
        return [EffectLine(label, note=_("文件太大，不按订单列")) for label in labels]
    condition = Condition("batch", Operator.IN, tuple(batch.pk for batch in batches))
    orders, net_fen = order_sums(viewer, _asked(Noun.ORDER, viewer, condition))
    url = drill.orders_url(viewer.role_code, condition)
    return [
        EffectLine(labels[0], formats.count_text(orders), url),
        EffectLine(labels[1], formats.money_text(net_fen), url, _("退货和作废已减")),
    ]


def _tiers(viewer: Viewer, view: ImportView, batches: tuple[Batch, ...]) -> Iterator[EffectLine]:
    scheme = next(iter(schemes_in_force()), None)
    if scheme is None or not batches:
        return
    label, note = _("等级变动"), scheme.scheme.label.text(get_language() or "zh-hans")
    folded = [batch.folded_at for batch in batches if batch.folded_at is not None]
    run = run_since(max(folded)) if len(folded) == len(batches) else None
    if run is None:
        yield EffectLine(label, note=note, waits=_("数据更新、等级重算之后"))
        return
    conditions = (
        Condition(ANY, Operator.EQ, view.import_id),
        Condition(f"tier_{scheme.code}_since", Operator.GTE, run.as_of),
    )
    found = person_count(viewer, _asked(Noun.CUSTOMER, viewer, *conditions))
    since = _("%(scheme)s，%(day)s 起") % {"scheme": note, "day": formats.day_text(run.as_of)}
    yield EffectLine(label, formats.count_text(found.value), drill.customers_url(viewer.role_code, *conditions), since)


def _refused(view: ImportView) -> EffectLine:
    return EffectLine(_("隔离的行"), formats.count_text(view.refused), "#refused" if view.refused else "", _("没有写入"))


def _asked(noun: Noun, viewer: Viewer, *conditions: Condition) -> Asked:
    asked = conditions[0] if len(conditions) == 1 else All(conditions)
    return state_read(ListContext(LISTS[noun], viewer), QueryDict(urlencode({"f": to_url(asked)})))[1]
