"""Who may take which list as a file: one rule over every list there is, on the button and behind it."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import Chain

from huitou.apps.accounts.roles import Role
from huitou.apps.base.fields import Noun
from huitou.apps.base.models import AuditEvent
from huitou.web.lists.registry import LISTS
from huitou.web.policy import may_open

pytestmark = [pytest.mark.django_db, pytest.mark.accept("S236", "S239")]
DATA = {Role.ADMIN, Role.ENGINEER, Role.ANALYST, Role.MANAGER}
HEAD_OFFICE = {Role.ADMIN, Role.MARKETER, Role.MANAGER, Role.AGENT}  # who may hand out people's data
CATALOGUE = {
    Role.ADMIN, Role.ENGINEER, Role.ANALYST, Role.MANAGER, Role.MARKETER, Role.REGION_MANAGER, Role.STORE_MANAGER,
    Role.PRODUCT_OWNER,
}  # fmt: skip
TAKERS: dict[Noun, set[Role]] = {
    Noun.CUSTOMER: HEAD_OFFICE,
    Noun.ORDER: HEAD_OFFICE,
    Noun.COUPON: HEAD_OFFICE,
    Noun.TASK: {Role.ADMIN},  # of head office nobody else opens the list
    Noun.STORE: CATALOGUE,
    Noun.PRODUCT: CATALOGUE,
    Noun.BATCH: DATA,
    Noun.QUARANTINE: DATA,
    Noun.COUPON_KIND: {Role.ADMIN, Role.MARKETER, Role.MANAGER, Role.ANALYST},
}


def test_every_list_is_in_the_table_and_one_that_writes_down_whom_it_shows_tells_of_people():
    assert set(TAKERS) == set(LISTS)
    assert [noun for noun, spec in LISTS.items() if spec.people is not None and not spec.tells_people] == []


def cases() -> Iterator[tuple[Noun, Role]]:
    for noun in Noun:
        for role in Role:
            yield noun, role


@pytest.mark.parametrize(("noun", "role"), list(cases()))
def test_a_list_is_taken_as_a_file_by_the_roles_of_the_table_and_by_nobody_else(client: Client, chain: Chain, noun, role):
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    address, may = reverse(LISTS[noun].route), role in TAKERS[noun]
    answer = client.post(reverse("lists:export", args=[noun]), {"next": address, "everything": "1"})
    assert answer.status_code == (200 if may else 403)
    assert AuditEvent.objects.filter(action_code="lists.export").count() == int(may)
    if may_open(LISTS[noun].route, role):
        assert client.get(address).context["may_export"] is may
