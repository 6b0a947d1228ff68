"""An administrator weighs the key fields of completeness."""

import pytest
from django.test import Client
from django.urls import reverse

from huitou.apps.base.models import AuditEvent
from huitou.apps.customers.queries import completeness_weights
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS


@pytest.mark.accept("S25")
def test_weights_are_edited_refused_unless_they_sum_to_100_and_taken_back(client: Client, chain):
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("data:completeness")
    asked = {"phone": 40, "name": 20, "birthday": 10, "address": 10, "gender": 10, "store": 10}
    refused = client.post(page, {**asked, "phone": 50})
    assert refused.status_code == 422
    assert "合计 110%" in refused.content.decode()
    assert completeness_weights() == COMPLETENESS_WEIGHTS
    assert client.post(page, asked).status_code == 302
    assert completeness_weights() == {field: percent / 100 for field, percent in asked.items()}
    assert AuditEvent.objects.filter(action_code="customers.completeness", user_id=chain.users["admin"].pk).count() == 1
    assert client.post(page, {"default": "1"}).status_code == 302
    assert completeness_weights() == COMPLETENESS_WEIGHTS
