"""The administrator's page of accounts, region managers' reach, and the auditor's page."""

import ast
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from tests.web.conftest import NOW, PASSWORD, Chain

from huitou.apps.accounts.models import User
from huitou.apps.accounts.queries import viewer_for
from huitou.apps.accounts.roles import Role
from huitou.apps.accounts.services import region_reach_refresh, user_save
from huitou.apps.base.audit import audit_record
from huitou.apps.base.models import AuditEvent
from huitou.apps.tasks.services.runs import COUNTS
from huitou.web.audit_words import AUDIT_ACTIONS, AUDIT_DETAILS, AUDIT_SUBJECTS
from huitou.web.words_build import JOBS

ROOT = Path(__file__).resolve().parents[2]
GIVEN = {"display_name": "孙悦", "password": "a-long-new-password"}


@pytest.fixture
def admin(client: Client, chain: Chain) -> Client:
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("role", Role)
def test_the_users_of_the_tests_are_as_the_service_leaves_them(chain: Chain, role: Role):
    """The fixture makes them in two inserts, by hand."""
    own = {"id": 0, "username": "", "password": "", "date_joined": None}

    def stored(user: User) -> tuple[dict, list[dict]]:
        assert user.check_password(PASSWORD)
        trail = AuditEvent.objects.filter(subject_kind="user", subject_id=str(user.pk)).values()
        return User.objects.filter(pk=user.pk).values().get() | own, [line | {"id": 0, "subject_id": ""} for line in trail]

    saved = user_save(
        username=f"{role}-saved", password=PASSWORD, role_code=role, display_name=f"测试{role.label}", now=NOW,
        store_ids=[chain.store_id],
    )  # fmt: skip
    assert stored(chain.users[role]) == stored(saved)


def make(client: Client, **values: object):
    return client.post(reverse("users:new"), {"username": "sun", **GIVEN, **values})


@pytest.mark.parametrize(
    ("role", "reach", "field"),
    [("guide", {}, "store_ids"), ("cashier", {}, "store_ids"), ("region_manager", {}, "region_codes")],
)
def test_a_role_without_its_reach_is_refused_beside_the_field(admin: Client, role: str, reach: dict, field: str):
    answer = make(admin, role_code=role, **reach)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not User.objects.filter(username="sun").exists()


def test_a_region_manager_reaches_the_stores_of_the_region_new_ones_too(admin: Client, chain: Chain):
    assert make(admin, role_code="region_manager", region_codes=["R1"]).status_code == 302
    one = User.objects.get(username="sun")
    assert viewer_for(one).store_ids == {chain.store_id, chain.other_store_id}
    assert region_reach_refresh({"R1": [chain.store_id, 77], "R2": [78]}) == 1
    one.refresh_from_db()
    assert viewer_for(one).store_ids == {chain.store_id, 77}
    assert region_reach_refresh({"R1": [chain.store_id, 77]}) == 0


def test_a_weak_password_or_a_taken_name_changes_nothing(admin: Client, chain: Chain):
    assert make(admin, role_code="auditor", password="1234567890").status_code == 422
    assert make(admin, role_code="auditor", username="guide").status_code == 422
    assert not User.objects.filter(username="sun").exists()


def test_switching_off_ends_the_sessions_and_is_written_down(admin: Client, chain: Chain):
    guide = Client()
    guide.force_login(chain.users["guide"], backend="django.contrib.auth.backends.ModelBackend")
    assert guide.get(reverse("accounts:me")).status_code == 200
    admin.post(reverse("users:switch", args=[chain.users["guide"].pk]), {"active": "0"})
    assert guide.get(reverse("accounts:me")).status_code == 302
    assert AuditEvent.objects.filter(action_code="user.switch_off", user_id=chain.users["admin"].pk).count() == 1


def test_nobody_switches_off_the_own_account(admin: Client, chain: Chain):
    admin.post(reverse("users:switch", args=[chain.users["admin"].pk]), {"active": "0"})
    assert User.objects.get(pk=chain.users["admin"].pk).is_active


def test_changing_a_role_without_a_password_keeps_the_password(admin: Client, chain: Chain):
    before = User.objects.get(username="guide").password
    values = {"display_name": "赵晓", "role_code": "store_manager", "store_ids": [chain.other_store_id]}
    assert admin.post(reverse("users:edit", args=[chain.users["guide"].pk]), values).status_code == 302
    one = User.objects.get(username="guide")
    assert (one.password, one.role_code, one.store_ids) == (before, "store_manager", [chain.other_store_id])


@pytest.mark.accept("S236")
def test_the_auditor_sees_who_looked_and_whom_an_account_saw(client: Client, chain: Chain):
    guide, auditor = chain.users["guide"], chain.users[Role.AUDITOR]
    client.force_login(guide, backend="django.contrib.auth.backends.ModelBackend")
    client.get(reverse("customers:person", args=[chain.person_id]))
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("audit:affected", args=[guide.pk])).context["persons"] == [chain.person_id]
    assert "完好" in client.post(reverse("audit:verify")).content.decode()
    page = client.get(reverse("audit:audit"), {"action": "user.create"})
    assert len(page.context["events"]) == len(chain.users)
    assert client.get(reverse("customers:person", args=[chain.person_id])).status_code == 403


def test_every_action_that_the_code_writes_into_the_trail_has_a_word():
    """Named beside the call, or picked before it: whatever looks like a code where the trail is written, and names no job."""
    areas = {code.partition(".")[0] for code in AUDIT_ACTIONS}
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "src" / "huitou" / "apps").rglob("*.py")]
    said = {code for text in texts if "audit_record" in text for code in re.findall(r'"([a-z_]+\.[a-z_.]+)"', text)}
    codes = {code for code in said if code.partition(".")[0] in areas} - JOBS.keys()
    assert len(codes) > 60
    assert codes <= AUDIT_ACTIONS.keys()
    about = {kind for text in texts if "audit_record" in text for kind in re.findall(r'subject_kind="([a-z_]+)"', text)}
    assert len(about) > 20
    assert about <= AUDIT_SUBJECTS.keys()


NOT_DETAILS = {"action_code", "subject_kind", "subject_id", "now", "user_id"}
SPREAD = {  # details that a call takes from elsewhere, by where the trail is written
    "identity/services/rule_save.py": {"order", "sources"},
    "value/services/tags_of_many.py": {"changed", "had", "refused"},
    "tasks/services/runs.py": {*COUNTS, "days", "ticked", "seen", "why"},
    "benefits/services/runs.py": {"issued", "held", "kept_out", "unfit", "gone", "waiting", "segment", "asked", "why"},
    "privacy/services/exports.py": {"rows"},
    "segments/services/comparison.py": {"held_share"},
}


def test_every_detail_that_the_code_writes_into_the_trail_has_a_word():
    """In both languages, none of them the stored key; one without a word is shown as it is."""
    keys, spread = set().union(*SPREAD.values()), set()
    for path in (ROOT / "src" / "huitou").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "audit_record":
                keys |= {one.arg for one in call.keywords if one.arg is not None} - NOT_DETAILS
                if any(one.arg is None for one in call.keywords):
                    spread.add(path.relative_to(ROOT / "src" / "huitou" / "apps").as_posix())
    assert spread == SPREAD.keys()
    assert len(keys) > 50
    assert keys <= AUDIT_DETAILS.keys()
    with override("zh-hans"):
        assert all(re.search("[\u4e00-\u9fff]", str(said)) for said in AUDIT_DETAILS.values())
    with override("en"):
        assert not any(re.search("[\u4e00-\u9fff_]", str(said)) for said in AUDIT_DETAILS.values())


def test_details_are_read_in_words_and_an_unknown_one_as_it_is(chain: Chain):
    audit_record(
        action_code="user.change", subject_kind="user", subject_id=1, now=NOW, new_password=True, day_most=None, regions=[],
        fields=["name", "phone"], weights={"name": 2}, brand_new=7,
    )  # fmt: skip
    said = {}
    for language in ("zh-hans", "en"):
        User.objects.update(language=language)
        client = Client()
        client.force_login(User.objects.get(role_code=Role.AUDITOR), backend="django.contrib.auth.backends.ModelBackend")
        page = client.get(reverse("audit:audit")).content.decode()
        row = page.split('class="ht-audit-detail"')[1].partition("</td>")[0].partition(">")[2]
        said[language] = re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", row)).strip()
    assert said["zh-hans"] == "新密码 是 每天上限 — 区域 — 字段 name、phone 权重 name 2 brand_new 7"
    assert said["en"] == "New password Yes Most a day — Regions — Fields name, phone Weights name 2 brand_new 7"
