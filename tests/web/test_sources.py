"""An administrator connects a JSON interface and a database by pages; their rows become customers like a file's."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, Chain

from huitou.apps.base.clock import utc_now
from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_found
from huitou.apps.intake.backlog import due_source_codes
from huitou.apps.intake.models import SourceConfig, SourceCursor
from huitou.apps.intake.services import batches_apply, source_pull, sources_seal
from huitou.connectors.outbound import OutboundRefused
from huitou.connectors.rest import client as rest

ADMIN = Viewer(1, "admin", None)
PHONE = "13951764420"
REST = {
    "title": "外卖平台", "code": "takeaway", "kind": "members", "every_minutes": "15", "url": "https://x.example/members",
    "authorization": "Bearer secret-token", "items": "data", "page_parameter": "page", "since_parameter": "",
    "cursor_column": "at",
}  # fmt: skip
MEMBER = {"会员卡号": "990001", "姓名": "赵敏敏", "手机": PHONE, "at": "2026-11-01T10:00:00"}


@pytest.fixture
def admin(client: Client, chain: Chain) -> Client:
    client.force_login(chain.users["admin"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def answers(monkeypatch: pytest.MonkeyPatch, get) -> None:
    monkeypatch.setattr(rest.RestSource.__init__, "__kwdefaults__", {**rest.RestSource.__init__.__kwdefaults__, "get": get})


@pytest.mark.accept("S13")
def test_a_json_interface_is_connected_mapped_and_pulled(admin: Client, monkeypatch: pytest.MonkeyPatch):
    answers(monkeypatch, lambda url, *, query, headers: {"data": [MEMBER] if query["page"] == "1" else []})
    assert admin.post(reverse("sources:new", args=["rest"]), REST).status_code == 302
    config = SourceConfig.objects.get(code="takeaway")
    assert (config.is_enabled, config.every_minutes) == (False, 15)
    assert b"secret-token" not in bytes(config.settings)
    page = admin.get(reverse("sources:map", args=["takeaway"])).content.decode()
    assert '<option value="手机" selected>' in page  # suggested from the name, as for a file
    assert "secret-token" not in page
    assert admin.post(reverse("sources:map", args=["takeaway"]), {"column_name": "姓名"}).status_code == 422
    mapping = {"column_member_card": "会员卡号", "column_name": "姓名", "column_phone": "手机", "column_updated_at": "at"}
    assert admin.post(reverse("sources:map", args=["takeaway"]), mapping).status_code == 302
    assert "takeaway" in due_source_codes(utc_now())
    outcome = source_pull(source_code="takeaway", now=utc_now())
    assert (outcome.rows, outcome.error) == (1, "")
    assert "takeaway" not in due_source_codes(utc_now())
    sources_seal(now=utc_now())
    batches_apply(now=utc_now())
    assert len(persons_found(ADMIN, PHONE)) == 1
    assert SourceCursor.objects.get(source_code="takeaway").cursor == {"since": "2026-11-01T10:00:00"}
    assert "secret-token" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))
    admin.post(reverse("sources:switch", args=["takeaway"]), {"enabled": "0"})
    assert due_source_codes(utc_now()) == []
    assert "已停止" in admin.get(reverse("sources:list")).content.decode()


def test_what_cannot_be_read_says_why_and_what_is_wrong_is_not_saved(admin: Client, monkeypatch: pytest.MonkeyPatch):
    def down(url, *, query, headers):
        raise OutboundRefused("the host leads into a private or reserved network")

    answers(monkeypatch, down)
    assert admin.post(reverse("sources:new", args=["rest"]), REST | {"code": "Take Away"}).status_code == 422
    database = {
        "title": "库", "code": "erp", "kind": "orders", "every_minutes": "60", "url": "postgresql://u:p@h/x", "key_column": "id",
        "table": "orders; drop", "cursor_column": "at",
    }  # fmt: skip
    assert admin.post(reverse("sources:new", args=["database"]), database).status_code == 422
    assert not SourceConfig.objects.exists()
    assert admin.get(reverse("sources:new", args=["mall"])).status_code == 404
    admin.post(reverse("sources:new", args=["rest"]), REST)
    assert "private or reserved" in admin.get(reverse("sources:map", args=["takeaway"])).content.decode()
    assert admin.post(reverse("sources:new", args=["rest"]), REST).status_code == 422  # the code is taken


@pytest.mark.db_both
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="the source is a PostgreSQL database")
def test_a_table_of_postgresql_is_read_in_pages_and_changes_come_again(monkeypatch: pytest.MonkeyPatch):
    from huitou.apps.intake.services import mapped_source_create, mapped_source_map, mapped_source_probe

    told = connection.settings_dict
    url = f"postgresql://{told['USER']}:{told['PASSWORD']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute("create table erp_members (id bigint, card text, phone text, changed timestamptz)")
        cursor.execute(
            "insert into erp_members select n, '99' || n, null, timestamptz '2026-11-01' + n * interval '1 second' "
            "from generate_series(1, 2500) as n"
        )
    try:
        settings = {"url": url, "table": "erp_members", "cursor_column": "changed", "key_column": "id", "kind": "members"}
        arguments = {"code": "erp", "title": "ERP", "kind_code": "database", "settings": settings, "every_minutes": 1, "now": NOW}
        monkeypatch.delenv("HUITOU_SOURCE_HOSTS", raising=False)
        mapped_source_create(**arguments)
        assert "private" in mapped_source_probe(code="erp").problem
        monkeypatch.setenv("HUITOU_SOURCE_HOSTS", "127.0.0.1")
        assert mapped_source_probe(code="erp").columns == ["id", "card", "phone", "changed"]
        mapped_source_map(code="erp", mapping={"member_card": "card", "phone": "phone", "updated_at": "changed"}, now=NOW)
        first = source_pull(source_code="erp", now=NOW)
        assert (first.pages, first.rows, first.error) == (2, 2500, "")
        with connection.cursor() as cursor:
            cursor.execute("update erp_members set phone = %s, changed = timestamptz '2026-11-02' where id = 7", [PHONE])
        assert source_pull(source_code="erp", now=NOW).rows == 1
        assert source_pull(source_code="erp", now=NOW).rows == 0
        assert json.dumps(SourceCursor.objects.get(source_code="erp").cursor).count("2026-11-0") == 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table erp_members")
