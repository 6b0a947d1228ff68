"""Generated requests against the OpenAPI document: no 5xx, no answer that the document does not name."""

import os
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from tests.web.conftest import NOW

from huitou.apps.base.clock import utc_now
from huitou.apps.gateway.scopes import SCOPES
from huitou.apps.gateway.services import key_create
from huitou.apps.intake.services import source_configure
from huitou.web.api import access
from huitou.web.wsgi import application

EXAMPLES = int(os.environ.get("HUITOU_FUZZ_EXAMPLES", "4"))  # per operation; 380 make 10,000 cases
IS_WHOLE = "HUITOU_FUZZ_EXAMPLES" in os.environ  # schemathesis builds its cases at every border when tests are collected: 8 s
NAMED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")

config = SchemathesisConfig.from_dict({"phases": {"coverage": {"enabled": IS_WHOLE}}})
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=config)


@pytest.fixture
def key(chain, monkeypatch):
    monkeypatch.setattr(access, "BUCKETS", access.Buckets(per_minute=10**9))
    source_configure(code="app", kind_code="events", settings={"secret": "s"}, now=NOW)
    now = utc_now()
    admin = chain.users["admin"].pk
    return key_create(owner_id=admin, title="t", scopes=list(SCOPES), expires_at=now + timedelta(days=1), by=None, now=now)[1]


@pytest.mark.django_db
@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_no_generated_request_breaks_the_server_or_gets_an_answer_that_is_not_documented(case, key):
    response = case.call(headers={"Authorization": f"Bearer {key}"})
    case.validate_response(response, checks=[CHECKS.get_one(name) for name in NAMED])
