"""Keys change while everything runs: every encrypted column is known, and nothing becomes unreadable."""

import pytest
from django.apps import apps
from django.db import models

from huitou.apps.base import secrets
from huitou.apps.base.clock import utc_now
from huitou.apps.base.sealed import reseal, sealed_columns
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.customers.models import Person
from huitou.apps.customers.profiles import profile_open, profile_seal
from huitou.core.crypto import DecryptError

PLAIN = {
    "segments.KnownPart.ids",  # marks by id of a person, likewise
    "segments.SegmentList.ids",  # packed ids of persons, which say nothing without the other tables
    "value.SentimentModel.content",  # weights of runs of one to three characters that many texts share
}
VALUES = {"name": {"value": "王小芳", "record_id": 1, "source_code": "pos", "observed_at": "2026-01-01"}}


def test_every_binary_column_of_ours_is_registered():
    """A binary column is an encrypted one here; one that is no secret would have to say so in this test."""
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("huitou.")
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField)
    }
    assert found - PLAIN == {column.name for column in sealed_columns()}


@pytest.fixture
def person(db):
    now = utc_now()
    row = Person.objects.create(created_at=now, updated_at=now)
    row.profile = profile_seal(secrets.keyring(), row.pk, VALUES)
    row.save()
    return row


def rotated(settings) -> int:
    number = secrets.key_add(settings.HUITOU_KEY_FILE)
    assert secrets.keyring().current != number
    secrets.key_use(settings.HUITOU_KEY_FILE, number)
    return number


def person_column():
    return next(column for column in sealed_columns() if column.model is Person)


@pytest.mark.db_both
@pytest.mark.accept("S236")
def test_values_are_sealed_anew_and_read_as_before(settings, person):
    number = rotated(settings)
    assert profile_open(secrets.keyring(), person.pk, person.profile) == VALUES
    found = reseal(person_column(), progress=lambda _count: None)
    assert (found.values, found.renewed, found.unreadable) == (1, 1, [])
    person.refresh_from_db()
    assert bytes(person.profile)[0] == number
    assert profile_open(secrets.keyring(), person.pk, person.profile) == VALUES
    assert reseal(person_column(), progress=lambda _count: None).renewed == 0


def test_a_search_hash_stays_the_same(settings, db):
    before = secrets.keyring().hash("phone", "13800000000")
    rotated(settings)
    assert secrets.keyring().hash("phone", "13800000000") == before


def test_an_unreadable_value_is_named_and_the_others_are_renewed(settings, person):
    now = utc_now()
    broken = Person.objects.create(created_at=now, updated_at=now, profile=b"\x01" + bytes(40))
    rotated(settings)
    found = reseal(person_column(), progress=lambda _count: None)
    assert (found.renewed, found.unreadable) == (1, [broken.pk])


def test_every_registered_context_is_the_one_the_app_seals_with(settings, db):
    """One value per app through its own function; a context that differs would not open."""
    from huitou.apps.behaviour.texts import text_open, text_seal

    event = BehaviourEvent.objects.create(
        pk=7, source_code="mall", event_no="1", type_code="review", occurred_at=utc_now(), text=text_seal(7, "很好吃")
    )
    rotated(settings)
    for column in sealed_columns():
        assert reseal(column, progress=lambda _count: None).unreadable == []
    event.refresh_from_db()
    assert text_open(7, event.text) == "很好吃"


def test_another_process_learns_of_the_key_in_time(settings, monkeypatch):
    known = secrets.keyring()
    monkeypatch.setitem(secrets._known, settings.HUITOU_KEY_FILE, secrets._Known(known, 0, 0.0))
    number = max(known.masters) + 1
    secrets.key_add(settings.HUITOU_KEY_FILE)
    assert number in secrets.keyring().masters
    with pytest.raises(DecryptError):
        known.decrypt(bytes([number]) + bytes(40), context="c")
