"""What customers did before they first bought: the most trodden paths, and the motives they stated."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.kept import kept, reach_key
from huitou.apps.base.scope import Viewer
from huitou.apps.builds.queries import version_stamp
from huitou.apps.value import queries
from huitou.apps.value.queries.paths import MOST_BUYERS
from huitou.core.periods import business_date
from huitou.core.value.paths import LONGEST, Paths
from huitou.web import words, words_person


@require_GET
def paths(request: HttpRequest) -> HttpResponse:
    """Show paths and motives in the reader's reach; a sentence before anybody bought."""
    viewer = request_viewer(request)
    counted = queries.counted_paths(viewer)
    found = _read_now(viewer) if counted is None else counted.paths
    told = queries.motives(viewer, today=business_date(utc_now()))
    lines = told.lines if told else []
    stated = sum(persons for _, persons in lines)
    context = {
        "found": found,
        "as_of": counted.as_of if counted else None,
        "lines": [([words.word(words_person.BEHAVIOURS, kind) for kind in line.kinds], line) for line in found.lines],
        "untouched_share": found.untouched / found.buyers if found.buyers else None,
        "is_cut": found.buyers == MOST_BUYERS,
        "longest": LONGEST,
        "motives": [(title, persons, persons / stated) for title, persons in lines],
        "motives_as_of": told.as_of if told else None,
        "stated": stated,
    }
    return render(request, "value/paths.html", context)


def _read_now(viewer: Viewer) -> Paths:
    """Return the paths of some stores' newest buyers, who are few; and the chain's, until the first night counted them."""
    rests_on = (version_stamp().version, reach_key(viewer))
    found: Paths = kept("first-paths", lambda: queries.first_paths(viewer), *rests_on)  # what they did since may come in minutes
    return found
