"""The saved views of a list on its page: tabs for the pinned ones, which of them is shown, and whether it still asks the same."""

from dataclasses import dataclass, replace

from huitou.apps.base.listing import SortRefused, sort_read
from huitou.apps.lists.queries import ViewLine, views_of
from huitou.core.filters.json_form import salvage
from huitou.web.lists.state import ListContext, ListState


@dataclass(frozen=True, slots=True)
class ViewsShown:
    """
    The views as the page shows them. every: all that may be opened. tabs: those that are pinned, and the one that is shown.

    is_changed: the page asks something else than the view does.
    """

    every: list[ViewLine]
    tabs: list[ViewLine]
    current: ViewLine | None
    is_changed: bool


def views_shown(context: ListContext, state: ListState) -> ViewsShown:
    """Return the views of a list; a view in the address that is gone, or not for this viewer, counts as none."""
    every = views_of(context.viewer, context.spec.noun)
    current = next((view for view in every if view.view_id == state.view), None)
    tabs = [view for view in every if view.is_pinned or view is current]
    return ViewsShown(every, tabs, current, current is not None and not _asks(context, state, current))


def _asks(context: ListContext, state: ListState, view: ViewLine) -> bool:
    """Say whether the page asks exactly what the view does; a view that names what is gone never does."""
    filters, lost = salvage(view.filters, context.catalogue)
    try:
        sort = sort_read(view.sort or context.spec.default_sort, context.sorts)
    except SortRefused:
        return False
    return not lost and replace(state, filters=filters, sort=sort).url() == state.url()
