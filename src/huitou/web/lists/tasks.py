"""The list of tasks."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huitou.apps.base.clock import utc_now
from huitou.apps.base.fields import Noun
from huitou.apps.base.listing import ListRow
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import names_in_reach
from huitou.apps.tasks.models import State
from huitou.apps.tasks.queries import task_count, task_page
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label
from huitou.core.periods import business_date
from huitou.web import words, words_task
from huitou.web.badges import clock_look
from huitou.web.lists.spec import ListSpec, RowHead
from huitou.web.lists.stores import today


def _heads(viewer: Viewer, rows: tuple[ListRow, ...]) -> list[RowHead]:
    tasks, now, heads = [row.subject for row in rows], utc_now(), []
    persons = names_in_reach(viewer, [task.person_id for task in tasks])
    values = words_task.value_names(tasks, today=business_date(now))
    for task in tasks:
        look = clock_look((task.due_at - now).total_seconds())
        is_late = task.state_code == State.OPEN and look.kind == "bad"
        note = str(words.word(words_task.TASK_OUTCOMES, task.outcome_code)) if task.outcome_code else ""
        if task.state_code == State.OPEN:
            note = words_task.reason_text(task, values, today=business_date(now))
        href = f"{reverse('customers:person', args=[task.person_id])}#tasks" if task.person_id in persons else ""
        badge = (look.kind, look.icon, look.text) if is_late else None
        heads.append(RowHead(persons.get(task.person_id) or _("没有姓名"), href, note, badge))
    return heads


TASKS = ListSpec(
    noun=Noun.TASK,
    route="tasks:list",
    title=gettext_lazy("导购任务"),
    group=gettext_lazy("门店与服务"),
    icon="list-check",
    unit=("条", "task", "tasks"),
    head_title=gettext_lazy("客户"),
    everything=gettext_lazy("全部任务"),
    empty_title=gettext_lazy("还没有任务"),
    empty_text=gettext_lazy("店长在「待核实」里给导购建任务；你只看得到自己范围内客户的任务。"),
    default_sort="due_on",
    by_id=Label("建立先后", "order of making"),
    page=task_page,
    count=task_count,
    heads=_heads,
    tells_people=True,
    as_of=today,
    people=lambda rows: {row.subject.person_id for row in rows},
    quick=(
        Condition("state", Operator.EQ, "open"),
        Condition("state", Operator.EQ, "done"),
        Condition("state", Operator.EQ, "dismissed"),
    ),
    picks=True,
    cannot=gettext_lazy("超时不是一种状态：待办、截止日已过的就是超时的，请用截止日筛选。"),
)
