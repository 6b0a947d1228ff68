"""A session that ended or began anew under an open page: the person comes back to that page, in its language."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import Chain

BACKEND = "django.contrib.auth.backends.ModelBackend"
HOST = "http://testserver"
pytestmark = pytest.mark.django_db


def test_a_part_that_a_stranger_asks_for_leads_back_to_its_page(client: Client):
    shown = f"{HOST}/customers?f=orders.gte.2"
    answer = client.get(reverse("accounts:me"), headers={"HX-Request": "true", "HX-Current-URL": shown})
    assert answer.status_code == 401
    assert answer["HX-Redirect"].endswith("?next=/customers%3Ff%3Dorders.gte.2")


@pytest.mark.parametrize("told", ["", "https://elsewhere.example/customers", "javascript:alert(1)"])
def test_a_page_of_somebody_else_is_not_led_back_to(client: Client, told: str):
    answer = client.post(reverse("accounts:preferences"), headers={"Referer": told})
    assert answer["Location"].endswith("?next=/")


@pytest.mark.parametrize(
    ("path", "shown"), [("/stores?sort=name", "/stores?sort=name"), ("//elsewhere.example/", "/elsewhere.example/")]
)
def test_a_form_without_its_token_says_so_and_leads_back(chain: Chain, path: str, shown: str):
    client = Client(enforce_csrf_checks=True)
    client.force_login(chain.users["agent"], backend=BACKEND)
    answer = client.post(reverse("accounts:preferences"), {"theme": "dark"}, headers={"Referer": f"{HOST}{path}"})
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "页面过期了，没有提交" in text
    assert f'href="{shown}"' in text
    part = client.post(reverse("system:find"), {"term": "x"}, headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Refresh"]) == (403, "true")


@pytest.mark.parametrize(("asked", "spoken"), [("zh-hans", "没有找到"), ("en", "Nothing found"), ("xx", "Nothing found")])
def test_a_part_speaks_the_language_of_its_page(client: Client, chain: Chain, asked: str, spoken: str):
    person = chain.users["agent"]
    type(person).objects.filter(pk=person.pk).update(language="en")
    client.force_login(person, backend=BACKEND)
    headers = {"HX-Request": "true", "Page-Language": asked}
    assert spoken in client.post(reverse("system:find"), {"term": "zzzz"}, headers=headers).content.decode()
