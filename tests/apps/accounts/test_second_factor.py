"""The second factor: a code works once, a lost phone has a way out, and an administrator in earnest cannot do without."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.test import Client
from django.urls import reverse

from huitou.apps.accounts import services
from huitou.apps.accounts.models import User
from huitou.apps.accounts.roles import Role
from huitou.apps.base.clock import utc_now

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-test-password"
SECRET = b"12345678901234567890"
NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


def code_at(moment: datetime) -> str:
    return TOTP(SECRET, 6, SHA1(), 30).generate(int(moment.timestamp())).decode()


@pytest.fixture
def admin() -> User:
    return services.user_save(username="wang", password=PASSWORD, role_code=Role.ADMIN, display_name="王敏", now=NOW)


@pytest.fixture
def recovery(admin: User) -> list[str]:
    """The administrator's recovery codes, with the factor in force since an hour ago."""
    hour_ago = utc_now() - timedelta(hours=1)
    return services.second_factor_confirm(user_id=admin.pk, secret=SECRET, code=code_at(hour_ago), now=hour_ago)


def log_in(client: Client) -> None:
    client.post(reverse("accounts:login"), {"username": "wang", "password": PASSWORD})


def test_the_code_of_the_standard_document():
    """RFC 6238, appendix B: at 59 s the SHA-1 code of this secret is 94287082, here with six digits."""
    assert TOTP(SECRET, 8, SHA1(), 30).generate(59) == b"94287082"
    assert code_at(datetime.fromtimestamp(59, UTC)) == "287082"


@pytest.mark.parametrize(
    ("late", "passes"), [(0, True), (30, True), (-30, True), (60, False), (-60, False)], ids=lambda value: str(value)
)
def test_one_step_of_drift_is_forgiven(admin: User, late: int, passes: bool):
    shown = code_at(NOW + timedelta(seconds=late))
    if passes:
        assert len(services.second_factor_confirm(user_id=admin.pk, secret=SECRET, code=shown, now=NOW)) == 8
    else:
        with pytest.raises(services.CodeRefused):
            services.second_factor_confirm(user_id=admin.pk, secret=SECRET, code=shown, now=NOW)
    admin.refresh_from_db()
    assert (admin.totp_secret is not None) is passes


def test_a_code_works_once_and_an_older_one_never(recovery: list[str], admin: User):
    now = utc_now()
    services.code_check(user_id=admin.pk, code=code_at(now), now=now)
    for earlier in (now, now - timedelta(seconds=30)):
        with pytest.raises(services.CodeRefused):
            services.code_check(user_id=admin.pk, code=code_at(earlier), now=now)


def test_the_password_alone_lets_nobody_in(client: Client, recovery: list[str]):
    log_in(client)
    assert client.get(reverse("accounts:me")).status_code == 302
    assert client.post(reverse("accounts:code"), {"code": "000000"}).status_code == 422
    assert client.get(reverse("accounts:me")).status_code == 302
    assert client.post(reverse("accounts:code"), {"code": code_at(utc_now())})["Location"] == "/"
    assert client.get(reverse("accounts:me")).status_code == 200


def test_a_recovery_code_works_once(client: Client, recovery: list[str]):
    log_in(client)
    assert client.post(reverse("accounts:code"), {"code": recovery[0]}).status_code == 302
    other = Client()
    log_in(other)
    assert other.post(reverse("accounts:code"), {"code": recovery[0]}).status_code == 422


def test_guessing_codes_locks_the_name(client: Client, recovery: list[str]):
    log_in(client)
    answers = [client.post(reverse("accounts:code"), {"code": f"{number:06}"}).status_code for number in range(10)]
    assert answers[-1] == 429
    log_in(client)
    assert client.post(reverse("accounts:code"), {"code": code_at(utc_now())}).status_code == 302
    assert client.get(reverse("accounts:me")).status_code == 302


def test_the_code_page_without_a_password_leads_back(client: Client, recovery: list[str]):
    assert client.post(reverse("accounts:code"), {"code": code_at(utc_now())})["Location"] == reverse("accounts:login")


def test_a_user_switched_off_meanwhile_stays_out(client: Client, recovery: list[str], admin: User):
    log_in(client)
    User.objects.update(is_active=False)
    assert client.post(reverse("accounts:code"), {"code": code_at(utc_now())})["Location"] == reverse("accounts:login")


@pytest.mark.accept("S236")
def test_where_it_is_required_nothing_opens_before_it_is_set_up(client: Client, admin: User, settings):
    settings.SECOND_FACTOR_ROLES = frozenset({"admin"})
    log_in(client)
    for route in ("users:list", "customers:list", "accounts:me"):
        assert client.get(reverse(route))["Location"] == reverse("accounts:second_factor"), route
    offered = client.get(reverse("accounts:second_factor")).context["offer"]
    secret = base64.b32decode(offered.typed)
    code = TOTP(secret, 6, SHA1(), 30).generate(int(utc_now().timestamp())).decode()
    assert len(client.post(reverse("accounts:second_factor"), {"code": code}).context["codes"]) == 8
    assert client.get(reverse("users:list")).status_code == 200


def test_the_secret_is_stored_encrypted(recovery: list[str], admin: User):
    admin.refresh_from_db()
    assert SECRET not in bytes(admin.totp_secret)
    assert not set(recovery) & {str(one) for one in admin.recovery_hashes}
