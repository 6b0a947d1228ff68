"""One key, one effect, one answer."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from huitou.apps.base.idempotency import ABANDONED_AFTER, Answer, KeyInUse, KeyReused, answer_once, made_once
from huitou.apps.base.models import IdempotencyKey

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def ask():
    """Ask with a key; `ask.calls` counts how often the work was really done."""

    def call(body=b"{}", *, key="k1", scope="user:7/orders", now=NOW, fails=False):
        def work():
            call.calls += 1
            if fails:
                raise RuntimeError("no")
            return Answer(201, {"number": call.calls})

        return answer_once(scope=scope, key=key, body=body, now=now, call=work)

    call.calls = 0
    return call


def test_a_repeat_gets_the_first_answer_and_works_nothing(ask):
    assert ask() == Answer(201, {"number": 1})
    assert ask(now=NOW + timedelta(days=1)) == Answer(201, {"number": 1}, is_repeat=True)
    assert ask.calls == 1


def test_keys_of_two_callers_are_apart(ask):
    ask(), ask(scope="user:8/orders")
    assert ask.calls == 2


def test_a_key_with_another_body_is_refused(ask):
    ask()
    with pytest.raises(KeyReused):
        ask(b'{"other": 1}')
    assert ask.calls == 1


def test_a_failed_call_leaves_nothing_and_may_be_made_again(ask):
    with pytest.raises(RuntimeError):
        ask(fails=True)
    assert not IdempotencyKey.objects.exists()
    assert ask() == Answer(201, {"number": 2})


def test_a_call_in_progress_keeps_others_out_until_it_counts_as_abandoned(ask):
    ask()
    IdempotencyKey.objects.update(answer_status=None, answer=None)  # as a call in progress, or killed, leaves it
    with pytest.raises(KeyInUse):
        ask()
    assert ask(now=NOW + ABANDONED_AFTER + timedelta(seconds=1)) == Answer(201, {"number": 2})


def test_a_row_is_made_once_and_only_the_key_s_own_clash_counts_as_made():
    row = {"scope_code": "s", "key": "k", "body_hash": "", "created_at": NOW}

    def known(key="k"):
        return IdempotencyKey.objects.filter(scope_code="s", key=key).first()

    def make():
        return IdempotencyKey.objects.create(**row)

    first = made_once(known=known, make=make)
    assert made_once(known=known, make=make) == first
    looks = iter([None, first])  # made by somebody else between the look and the writing
    assert made_once(known=lambda: next(looks), make=make) == first
    with pytest.raises(IntegrityError):
        made_once(known=lambda: known("other"), make=make)
    assert IdempotencyKey.objects.count() == 1
