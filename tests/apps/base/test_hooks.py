"""Hooks call every registered handler once, in order, and pass exceptions on."""

import pytest

from huitou.apps.base import hooks
from huitou.apps.base.hooks import Hook, PersonCopy


@pytest.fixture
def empty_registry(monkeypatch):
    monkeypatch.setattr(hooks, "_handlers", hooks.defaultdict(list))


def test_handlers_answer_in_order_and_a_second_registration_changes_nothing(empty_registry):
    def first(copy):
        return {"first": copy.person_id}

    def second(copy):
        return {"second": copy.record_ids}

    for handler in (first, second, first):
        hooks.register(Hook.PERSON_COPY, handler)
    assert hooks.run(Hook.PERSON_COPY, PersonCopy(7, (1, 2))) == [{"first": 7}, {"second": (1, 2)}]
    assert hooks.run(Hook.ERASE, None) == []


def test_an_exception_in_a_handler_reaches_the_caller(empty_registry):
    def refuse(payload):
        raise RuntimeError("ledger is closed")

    hooks.register(Hook.MERGE, refuse)
    with pytest.raises(RuntimeError, match="ledger"):
        hooks.run(Hook.MERGE, None)
