"""The card of the builder that says whom of a rule a send could reach today. It is loaded after the count, which never waits."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.segments import queries
from huitou.apps.segments.counting import counting
from huitou.apps.segments.reaching import BLOCKS, ChannelReach, Reach, known_lately, reach_today
from huitou.apps.segments.services import known_ask
from huitou.core.filters.json_form import FilterError, leaves_of
from huitou.core.periods import business_date
from huitou.warehouse.reader import NothingPublished
from huitou.web.lazy import LazyText
from huitou.web.pages.segments import posted_rule
from huitou.web.words_person import CONSENT_CHANNELS
from huitou.web.words_tag import REACH_BLOCKS


@dataclass(frozen=True, slots=True)
class ReachLine:
    """One channel as the card shows it; share: of the members, None without any."""

    name: LazyText
    count: ChannelReach
    share: float | None


@require_POST
def reach(request: HttpRequest) -> HttpResponse:
    """
    Answer for the rule as it stands in the editor, in the viewer's reach; nothing (204) where there is nothing to count. What is
    older than minutes is told with its time, and asks again by itself once a job has read it anew.
    """
    viewer, now = request_viewer(request), utc_now()
    today = business_date(now)
    segment_id = request.POST.get("segment", "")
    segment = queries.segment_of(int(segment_id)) if segment_id.isdecimal() and len(segment_id) < 16 else None
    try:
        with counting(viewer, now=now) as desk:
            node = posted_rule(request, desk.catalogue)
            if not leaves_of(node):
                return HttpResponse(status=204)
            ids = desk.matching(desk.step(node)).ids()
            known = known_lately(ids, today=today, now=now)
            found = None if known is None else reach_today(ids, known, segment=segment)
    except (FilterError, NothingPublished):
        return HttpResponse(status=204)
    is_fresh = known is not None and known.is_fresh(today=today, now=now)
    if not is_fresh:
        known_ask(now=now)
    context = {"reach": found, "read_at": known and known.read_at, "is_fresh": is_fresh}
    return render(request, "segments/reach.html", context | ({} if found is None else _lines(found)))


def _lines(found: Reach) -> dict[str, object]:
    def share(persons: int) -> float | None:
        return persons / found.members if found.members else None

    lines = [ReachLine(CONSENT_CHANNELS[one.code], one, share(one.persons)) for one in found.channels]
    blocked = [(REACH_BLOCKS[reason], found.blocked[reason]) for reason in BLOCKS if reason in found.blocked]
    out = found.members - found.reached
    return {"lines": lines, "blocked": blocked, "out": out, "out_share": share(out), "reached_share": share(found.reached)}
