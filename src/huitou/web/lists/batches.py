"""The lists of batches and of refused rows."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from huitou.apps.base.fields import Noun
from huitou.apps.base.listing import Asked, ListRow
from huitou.apps.base.scope import Viewer
from huitou.apps.intake.lists import (
    batch_count,
    batch_page,
    batch_place,
    refused_count,
    refused_page,
    refused_place,
    refused_rows,
)
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label
from huitou.web import formats, words, words_intake
from huitou.web.lists.spec import ListSpec, RowHead
from huitou.web.lists.stores import today


def _batch_heads(viewer: Viewer, rows: tuple[ListRow, ...]) -> list[RowHead]:
    return [
        RowHead(
            _("批次 %(number)s") % {"number": row.row_id},
            reverse("data:batch", args=[row.row_id]),
            formats.moment_text(row.subject.sealed_at),
        )
        for row in rows
    ]


def _refused_heads(viewer: Viewer, rows: tuple[ListRow, ...]) -> list[RowHead]:
    return [
        RowHead(
            str(words.word(words_intake.REASONS, row.subject.reason_code)),
            reverse("data:quarantine_group", args=[row.row_id]),
        )
        for row in rows
    ]


def _refused_note(viewer: Viewer, asked: Asked) -> str:
    rows = refused_rows(viewer, asked)
    said = ngettext(
        "共 %(shown)s 行没有通过检查，原样留在这里；一行也没有丢", "共 %(shown)s 行没有通过检查，原样留在这里；一行也没有丢", rows
    )
    return said % {"shown": formats.count_text(rows)}


BATCHES = ListSpec(
    noun=Noun.BATCH,
    route="data:batches",
    title=gettext_lazy("批次"),
    group=gettext_lazy("数据"),
    icon="archive",
    unit=("批", "batch", "batches"),
    head_title=gettext_lazy("批次"),
    everything=gettext_lazy("全部批次"),
    empty_title=gettext_lazy("还没有批次"),
    empty_text=gettext_lazy("来源的行每 30 秒封存一次，每次成为一批，不再改动。"),
    default_sort="-id",
    by_id=Label("批次号", "batch number"),
    page=batch_page,
    count=batch_count,
    heads=_batch_heads,
    tells_people=False,
    as_of=today,
    quick=(
        Condition("quarantined", Operator.GT, 0),
        Condition("import", Operator.PRESENT),
        Condition("state", Operator.NOT_IN, ("folded", "withdrawn")),
        Condition("state", Operator.EQ, "withdrawn"),
    ),
    place=batch_place,
    row_route="data:batch",
    picks=True,
)
QUARANTINE = ListSpec(
    noun=Noun.QUARANTINE,
    route="data:quarantine",
    title=gettext_lazy("隔离区"),
    group=gettext_lazy("数据"),
    icon="alert-triangle",
    unit=("组", "group", "groups"),
    head_title=gettext_lazy("原因"),
    everything=gettext_lazy("全部原因"),
    empty_title=gettext_lazy("没有被隔离的行"),
    empty_text=gettext_lazy("到现在为止，接收的每一行都通过了检查或与已有的合并。"),
    default_sort="-batch",
    by_id=Label("先后", "order of arrival"),
    page=refused_page,
    count=refused_count,
    heads=_refused_heads,
    tells_people=False,
    as_of=today,
    quick=(
        Condition("kind", Operator.EQ, "order"),
        Condition("kind", Operator.EQ, "customer"),
        Condition("rows", Operator.GTE, 10),
        Condition("reason", Operator.EQ, "conflict"),
    ),
    place=refused_place,
    row_route="data:quarantine_group",
    picks=True,
    note=_refused_note,
    cannot=gettext_lazy("行的内容加密存放，不能按内容筛选；打开一组，里面是原样的行。"),
)
