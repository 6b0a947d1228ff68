"""What operators see: metrics behind a token, health by part, logs without personal data, uploads that lie encrypted."""

import io
import json
import logging
import os
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from tests.web.conftest import PHONE, Chain

from huitou.web import watching
from huitou.web.logs import JsonLines, without_personal
from huitou.web.sealed_uploads import SealedSpool

CANARIES = ("13800002716", "138 0000 2716", "110101199003071234", "6222020200112233445", "xiaofang@example.com", "王小芳")


@pytest.fixture
def lines():
    """Everything that is logged, as the lines that go out."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in ("", "django", "django.request", "huitou", "huitou.request")]
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    yield out
    for logger, level in before:
        logger.removeHandler(handler)
        logger.setLevel(level)


@pytest.mark.accept("S236")
def test_no_log_line_holds_a_planted_value(client: Client, chain: Chain, lines: io.StringIO, monkeypatch):
    client.force_login(chain.users["agent"], backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False
    for canary in CANARIES:
        client.get(f"/nothing/{canary}", {"q": canary}, headers={"User-Agent": canary, "Referer": f"https://x/{canary}"})
        client.post(reverse("customers:search"), {"term": canary})
        client.post("/api/v1/customers/search", json.dumps({"text": canary}), content_type="application/json")
        logging.getLogger("huitou.import").warning("refused %s", canary if canary != "王小芳" else "a row")
        monkeypatch.setattr("huitou.web.pages.customers.persons_found", lambda *_, canary=canary, **__: 1 / len(canary[:0]))
        client.post(reverse("customers:search"), {"term": canary})
        monkeypatch.setattr("huitou.web.pages.customers.persons_found", _raiser(canary))
        client.post(reverse("customers:search"), {"term": canary})
        monkeypatch.undo()
    written = lines.getvalue()
    assert "ZeroDivisionError" in written  # errors are logged, by kind and place
    assert '"route": "customers:search"' in written
    assert [canary for canary in CANARIES if canary in written or canary.encode("unicode_escape").decode() in written] == []


def _raiser(text: str):
    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"cannot read {text}")

    return fail


def test_what_is_no_personal_value_stays_readable():
    told = "batch 4711 of 2026-11-26 12:00:00 has 1,200,000 rows, took 812 ms, took /customers?f=x"
    assert without_personal(told) == "batch 4711 of 2026-11-26 12:00:00 has 1,200,000 rows, took 812 ms, took /customers?"


@pytest.mark.django_db
def test_metrics_are_for_who_holds_the_token_and_hold_numbers_only(client: Client, chain: Chain, settings):
    assert client.get(reverse("metrics")).status_code == 404
    settings.METRICS_TOKEN = "t" * 20
    settings.HUITOU_DATA_DIR.mkdir(parents=True, exist_ok=True)
    assert client.get(reverse("metrics")).status_code == 401
    assert client.get(reverse("metrics"), headers={"Authorization": "Bearer é"}).status_code == 401
    client.get(reverse("customers:person", args=[chain.person_id]))
    answer = client.get(reverse("metrics"), headers={"Authorization": f"Bearer {'t' * 20}"})
    text = answer.content.decode()
    assert answer.status_code == 200
    for name in (
        'huitou_requests_total{route="customers:person",status="302"}', "huitou_jobs{", "huitou_inbox_rows 0.0",
        "huitou_worker_up 0.0", "huitou_disk_free_bytes",
    ):  # fmt: skip
        assert name in text, name
    assert PHONE not in text


@pytest.mark.django_db
def test_health_names_the_part_that_failed(client: Client, settings):
    settings.HUITOU_DATA_DIR.mkdir(parents=True, exist_ok=True)
    assert client.get(reverse("healthz")).json() == {"status": "ok"}
    assert client.get(reverse("readyz")).json()["status"] == "degraded"  # no worker in a test
    settings.HUITOU_KEY_FILE = Path("/nowhere/keys.json")
    answer = client.get(reverse("readyz"))
    assert (answer.status_code, answer.json()["parts"]["keys"]) == (503, "failed")
    assert "/nowhere" not in answer.content.decode()


def test_a_route_is_counted_by_name():
    request = RequestFactory().get("/x/13800002716")
    answer = watching.WatchMiddleware(lambda _request: HttpResponse(status=404))(request)
    assert answer.status_code == 404
    assert watching.REQUESTS.labels("none", 404)._value.get() >= 1
    assert isinstance(request, HttpRequest)


def test_a_spooled_upload_lies_encrypted_and_reads_as_it_came():
    content = "".join(f"660001,王小芳,{PHONE}\n" for _ in range(5_000)).encode()
    spool = SealedSpool()
    for start in range(0, len(content), 7_001):
        spool.append(content[start : start + 7_001])
    spool._file.flush()
    os.lseek(spool._file.fileno(), 0, os.SEEK_SET)
    stored = os.read(spool._file.fileno(), len(content))
    assert len(stored) == len(content)
    assert PHONE.encode() not in stored
    reader = io.BufferedReader(spool)
    assert reader.read() == content
    for place in (0, 1, 15, 16, 17, 4_095, len(content) - 5):
        reader.seek(place)
        assert reader.read(40) == content[place : place + 40], place
    reader.seek(-3, os.SEEK_END)
    assert reader.read() == content[-3:]
    reader.close()


@pytest.mark.django_db
def test_a_large_upload_goes_through_the_sealed_spool(client: Client, chain: Chain, settings, monkeypatch):
    from huitou.apps.intake.models import ImportRun

    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
    client.force_login(chain.users["engineer"], backend="django.contrib.auth.backends.ModelBackend")
    spooled: list[int] = []
    append = SealedSpool.append
    monkeypatch.setattr(SealedSpool, "append", lambda self, content: (spooled.append(len(content)), append(self, content))[1])
    file = io.BytesIO("会员卡号,姓名\n".encode() + b"660001,x\n" * 50)
    file.name = "members.csv"
    assert client.post(reverse("imports:new"), {"file": file, "kind": "members", "source": "files"}).status_code == 302
    assert sum(spooled) == file.getbuffer().nbytes
    assert ImportRun.objects.get().line_count == 51
