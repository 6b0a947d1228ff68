"""Logging in, being locked out, preferences."""

import pytest
from django.test import Client
from django.urls import reverse

from huitou.apps.accounts import services
from huitou.apps.accounts.models import User
from huitou.apps.accounts.queries import viewer_for
from huitou.apps.accounts.roles import Role
from huitou.apps.base.clock import utc_now
from huitou.apps.base.models import AuditEvent

PASSWORD = "a-long-test-password"


@pytest.fixture
def guide() -> User:
    return services.user_save(
        username="zhao", password=PASSWORD, role_code=Role.GUIDE, display_name="赵晓敏", now=utc_now(), store_ids=[3, 1, 3]
    )


def log_in(client: Client, username: str, password: str):
    return client.post(reverse("accounts:login"), {"username": username, "password": password})


@pytest.mark.django_db
def test_the_right_password_leads_to_the_landing_page(client: Client, guide: User):
    answer = log_in(client, "zhao", PASSWORD)
    assert answer.status_code == 302
    assert answer["Location"] == "/"


@pytest.mark.django_db
def test_a_wrong_password_and_an_unknown_name_read_the_same(client: Client, guide: User):
    wrong, unknown = log_in(client, "zhao", "no"), log_in(client, "nobody", "no")
    assert wrong.status_code == unknown.status_code == 200
    said = [error for answer in (wrong, unknown) for error in answer.context["form"].non_field_errors()]
    assert len(said) == 2
    assert said[0] == said[1]


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["zhao", "nobody"])
def test_too_many_failures_lock_the_name_at_this_address_whether_it_exists_or_not(client: Client, guide: User, username: str):
    answers = [log_in(client, username, "no").status_code for _try in range(10)]
    assert answers[-1] == 429
    assert log_in(client, username, PASSWORD).status_code == 429
    assert "15 分钟" in log_in(client, username, PASSWORD).content.decode()


@pytest.mark.django_db
def test_another_name_at_the_same_address_is_not_locked(client: Client, guide: User):
    for _try in range(10):
        log_in(client, "nobody", "no")
    assert log_in(client, "zhao", PASSWORD).status_code == 302


@pytest.mark.django_db
def test_a_deactivated_person_is_out_at_once(client: Client, guide: User):
    log_in(client, "zhao", PASSWORD)
    assert client.get(reverse("accounts:me")).status_code == 200
    User.objects.update(is_active=False)
    assert client.get(reverse("accounts:me")).status_code == 302
    assert log_in(client, "zhao", PASSWORD).status_code == 200


@pytest.mark.django_db
def test_the_chosen_language_theme_density_and_side_bar_follow_the_person(client: Client, guide: User):
    log_in(client, "zhao", PASSWORD)
    for field, value in (("language", "en"), ("theme", "dark"), ("side", "icons"), ("density", "compact"), ("side", "icons")):
        answer = client.post(reverse("accounts:preferences"), {field: value, "next": "/account/password"})
        assert answer["Location"] == "/account/password"
    page = client.get(reverse("accounts:me")).content.decode()
    assert '<html lang="en" data-theme="dark"' in page
    assert 'data-density="compact" data-side="icons"' in page


@pytest.mark.django_db
def test_an_unknown_preference_changes_nothing(client: Client, guide: User):
    log_in(client, "zhao", PASSWORD)
    assert client.post(reverse("accounts:preferences"), {"theme": "dark", "language": "xx"}).status_code == 400
    guide.refresh_from_db()
    assert (guide.theme, guide.language) == ("auto", "zh-hans")


@pytest.mark.django_db
def test_preferences_never_lead_to_another_site(client: Client, guide: User):
    log_in(client, "zhao", PASSWORD)
    answer = client.post(reverse("accounts:preferences"), {"theme": "dark", "next": "https://example.org/"})
    assert answer["Location"] == reverse("accounts:me")


@pytest.mark.django_db
def test_a_new_password_ends_the_other_sessions(guide: User):
    here, there = Client(), Client()
    log_in(here, "zhao", PASSWORD)
    log_in(there, "zhao", PASSWORD)
    fresh = {"old_password": PASSWORD, "new_password1": "another-long-one", "new_password2": "another-long-one"}
    assert here.post(reverse("accounts:password"), fresh).status_code == 302
    assert here.get(reverse("accounts:me")).status_code == 200
    assert there.get(reverse("accounts:me")).status_code == 302


@pytest.mark.django_db
def test_a_user_saved_twice_is_one_user_and_both_times_are_written_down(guide: User):
    again = services.user_save(
        username="zhao", password=PASSWORD, role_code=Role.MARKETER, display_name="赵晓敏", now=utc_now(), store_ids=[]
    )
    assert again.pk == guide.pk
    assert viewer_for(again).store_ids is None
    assert viewer_for(guide).store_ids == frozenset({1, 3})
    assert list(AuditEvent.objects.values_list("action_code", flat=True)) == ["user.create", "user.change"]
