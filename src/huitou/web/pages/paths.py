"""What customers did before they first bought: the most trodden paths, and the motives they stated."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.value import queries
from huitou.apps.value.queries.paths import MOST_BUYERS
from huitou.core.periods import business_date
from huitou.core.value.paths import LONGEST
from huitou.web import words, words_person


@require_GET
def paths(request: HttpRequest) -> HttpResponse:
    """Show paths and motives in the reader's reach; a sentence before anybody bought."""
    viewer = request_viewer(request)
    found = queries.first_paths(viewer)
    told = queries.motives(viewer, today=business_date(utc_now()))
    stated = sum(persons for _, persons in told)
    context = {
        "found": found,
        "lines": [([words.word(words_person.BEHAVIOURS, kind) for kind in line.kinds], line) for line in found.lines],
        "untouched_share": found.untouched / found.buyers if found.buyers else None,
        "is_cut": found.buyers == MOST_BUYERS,
        "longest": LONGEST,
        "motives": [(title, persons, persons / stated) for title, persons in told],
        "stated": stated,
    }
    return render(request, "value/paths.html", context)
