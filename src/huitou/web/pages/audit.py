"""The auditor's page: what was done, who looked at whom, and whether the access log is whole."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import users_all
from huitou.apps.base.classified import DataClass, tables
from huitou.apps.base.clock import utc_now
from huitou.apps.base.queries import audit_page
from huitou.apps.privacy.queries import access_of_person, access_of_user, chain_verify

PAGE_ROWS = 100
AFFECTED_DAYS = 90


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """Show the newest events; `before` pages back, `user` and `action` narrow."""
    before, user = request.GET.get("before", ""), request.GET.get("user", "")
    found = audit_page(
        before_id=int(before) if before.isdecimal() else None,
        user_id=int(user) if user.isdecimal() else None,
        action=request.GET.get("action", ""),
        limit=PAGE_ROWS,
    )
    names = {one.pk: one.display_name or one.username for one in users_all()}
    person = request.GET.get("person", "")
    context = {
        "events": found.events,
        "next_before": found.next_before,
        "names": names,
        "chosen_user": user,
        "action": request.GET.get("action", ""),
        "person": person,
        "looks": access_of_person(int(person)) if person.isdecimal() else None,
    }
    return render(request, "audit/audit.html", context)


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Compute the chain of the access log again and say what was found."""
    return render(request, "audit/verified.html", {"broken": chain_verify(), "at": utc_now()})


@require_GET
def affected(request: HttpRequest, user_id: int) -> HttpResponse:
    """Say whose data an account has seen: the report that a breach asks for. Ids only; a person's page needs its own right."""
    until = utc_now()
    since = until - timedelta(days=AFFECTED_DAYS)
    persons = access_of_user(user_id, since=since, until=until)
    name = next((one.display_name or one.username for one in users_all().filter(pk=user_id)), "")
    return render(request, "audit/affected.html", {"persons": persons, "since": since, "until": until, "name": name})


@require_GET
def data_map(request: HttpRequest) -> HttpResponse:
    """List what every stored column is: protection, purpose, how long it stays. `class` shows one class of columns only."""
    chosen = request.GET.get("class", "")
    rows = []
    for table in tables():
        columns = [(name, kind) for name, kind in table.columns() if not chosen or kind.value == chosen]
        if columns:
            rows.append((table, columns))
    context = {
        "rows": rows,
        "columns": sum(len(columns) for _table, columns in rows),
        "classes": DataClass,
        "chosen": chosen,
    }
    return render(request, "audit/data_map.html", context)
