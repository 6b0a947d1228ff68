"""The editor of a list's filter: a part of the list's page that comes when it is opened."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huitou.core.filters.json_form import dump
from huitou.web.lists.editor import editor_data
from huitou.web.lists.state import AddressRefused, state_read
from huitou.web.pages.lists import list_context


@require_GET
def editor(request: HttpRequest, noun: str) -> HttpResponse:
    """Return the editor with the filter of the address in it; nothing where the filter cannot be asked."""
    context = list_context(request, noun)
    try:
        state, _asked = state_read(context, request.GET)
    except AddressRefused:
        return HttpResponse(status=204)  # the list itself says what it cannot read
    told = {
        "spec": context.spec,
        "state": state,
        "editor": editor_data(context.entries, context.names, context.called(state.filters)),
        "tree": json.dumps(dump(state.filters)),
    }
    return render(request, "lists/editor.html", told)
