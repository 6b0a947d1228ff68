"""Custom attributes and event types: defined without code, in filters, timeline, import, copy; bound by basis and expiry."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.apps.base.test_rotation import rotated

from huitou.apps.accounts.roles import Role
from huitou.apps.attributes import services
from huitou.apps.attributes.definitions import event_codes_usable
from huitou.apps.attributes.models import Attribute, AttributeValue
from huitou.apps.attributes.queries import (
    person_attributes,
    presets_left,
    stale_count,
    stale_persons,
    stale_values,
    values_of_persons,
)
from huitou.apps.attributes.services.define import Told
from huitou.apps.attributes.values import match_hash
from huitou.apps.base import hooks
from huitou.apps.base.fields import Column, Noun, fields_of
from huitou.apps.base.listing import Asked, sort_read
from huitou.apps.base.scope import Viewer
from huitou.apps.base.sealed import reseal, sealed_columns
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.customers.fields import customer_catalogue
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.customers.queries.listing import person_count, person_page, person_sorts
from huitou.apps.customers.rules import whole_fields
from huitou.apps.identity.queries import records_of_person
from huitou.apps.intake import services as intake
from huitou.apps.privacy.services import consent_record
from huitou.apps.segments.catalogue import segment_catalogue
from huitou.core.attributes import AttributeChoice, AttributeType, Unreadable, choices_read, value_read, value_spelled
from huitou.core.decimals import scaled_from_text, scaled_text
from huitou.core.filters.json_form import FilterError, parse
from huitou.core.filters.reading import value_text as filter_value_text
from huitou.web.lists.cells import scalar_text
from huitou.web.lists.export import value_text as list_value_text

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
AS_OF = date(2026, 11, 21)
ADMIN = Viewer(1, "admin", None)
AGENT = Viewer(2, "agent", None)
STRANGER = Viewer(3, "guide", frozenset({99}))
DRIVES = (AttributeChoice("ev", "电动"), AttributeChoice("oil", "燃油"))


@pytest.mark.parametrize(
    ("type", "text", "expected"),
    [
        ("text", " 宋PLUS ", "宋PLUS"), ("text", "", None), ("text", "字" * 101, None), ("text", "a\0b", None),
        ("number", "1,200", 1200), ("number", "-3.0", -3), ("number", "2.5", None), ("number", "九", None),
        ("number", "9" * 13, None), ("date", "2026/2/3", date(2026, 2, 3)), ("date", "2026年2月3日", date(2026, 2, 3)),
        ("date", "20260203", date(2026, 2, 3)), ("date", "2026-02-30", None), ("date", "3/2/2026", None),
        ("flag", "是", True), ("flag", "N", False), ("flag", "也许", None), ("choice", "电动", "ev"), ("choice", "OIL", "oil"),
        ("amount", "¥1,234.5元", 123_450), ("amount", "-3", -300), ("amount", "1.005", None), ("amount", "nan", None),
        ("amount", "9" * 11, None), ("decimal", "1,234.5", 123_450), ("decimal", "-0.070", -7), ("decimal", "12", 1_200),
        ("decimal", "0.29", 29), ("decimal", "1.005", None), ("decimal", "1e3", None), ("decimal", "nan", None),
        ("decimal", "", None), ("decimal", "99999999999.99", None), ("decimal", "9999999999.99", 999_999_999_999),
        ("choice", "油电", None),
    ],
)  # fmt: skip
def test_a_text_becomes_a_value_of_its_type_or_is_refused(type, text, expected):
    choices = DRIVES if type == "choice" else ()
    if expected is None:
        with pytest.raises(Unreadable):
            value_read(text, AttributeType(type), choices, places=2)
    else:
        value = value_read(text, AttributeType(type), choices, places=2)
        assert value == expected
        spelled = value_spelled(value, AttributeType(type), places=2)
        assert value_read(spelled, AttributeType(type), choices, places=2) == value


@given(st.integers(-(10**12), 10**12), st.integers(1, 6))
def test_a_decimal_is_kept_to_the_last_place(scaled, places):
    text = scaled_text(scaled, places)
    assert Decimal(text) * 10**places == scaled
    assert scaled_from_text(text, places) == scaled


def test_choices_are_written_one_a_line():
    assert choices_read("ev 电动\n\n燃油 汽油\n") == [AttributeChoice("ev", "电动"), AttributeChoice("c2", "燃油 汽油")]
    for wrong in ("只有一个", "a1 同\nb1 同", "ev 电动\nev 燃油"):
        with pytest.raises(ValueError, match="choices"):
            choices_read(wrong)


def define(code, type=AttributeType.TEXT, *, now=NOW, choices=(), is_sensitive=False, days=180, places=0, unit="", **origin):
    told = Told(code, origin.pop("title", code), **origin)
    return services.attribute_save(
        told=told,
        type=type,
        choices=choices,
        places=places,
        unit=unit,
        is_sensitive=is_sensitive,
        stale_after_days=days,
        by=1,
        now=now,
    )


@pytest.fixture
def person(db):
    """One person who came by the events API, and the source that may say more."""
    intake.source_configure(code="app", kind_code="events", settings={"secret": "s"}, now=NOW)
    take({"type": "customer", "customer": {"openid": "o-1", "phone": "13951764420", "name": "李雷"}})
    return persons_in_reach(ADMIN).get().pk


def take(*items, now=NOW):
    told = [
        {"id": f"{now}{number}{item.get('attribute')}", "occurred_at": "2026-11-20T10:00:00+08:00",
         "customer": {"openid": "o-1"}} | item
        for number, item in enumerate(items)
    ]  # fmt: skip
    intake.events_receive(source_code="app", items=told, now=now)
    intake.sources_seal(now=now)
    intake.batches_apply(now=now)


def observed(code, value, day="2026-11-20"):
    return {"type": "attribute", "attribute": code, "value": value, "occurred_at": f"{day}T10:00:00+08:00"}


def say(person, answer, *, purpose="personal", channel="phone", now=NOW):
    """Record what the person answers about a purpose."""
    consent_record(
        viewer=AGENT, person_id=person, channel=channel, purpose=purpose, answer=answer, source="counter", reason="asked",
        said_at=now, now=now,
    )  # fmt: skip


def count(name, operator, value):
    node = parse({"field": name, "op": operator, "value": value}, customer_catalogue(ADMIN))
    return person_count(ADMIN, Asked(customer_catalogue(ADMIN), sort_read("id", person_sorts()), AS_OF, node)).value


@pytest.mark.django_db
@pytest.mark.db_both
@pytest.mark.accept("S16")
def test_attributes_and_event_types_made_without_code_work_in_filters_timeline_and_copy(person):
    define("car_model", title="车型")
    define("mileage", AttributeType.NUMBER)
    define("paid", AttributeType.AMOUNT)
    define("weight", AttributeType.DECIMAL, places=3, unit="kg")
    define("bought_on", AttributeType.DATE)
    define("has_pet", AttributeType.FLAG)
    define("drive", AttributeType.CHOICE, choices=DRIVES)
    services.event_type_save(told=Told("maintenance", "保养"), by=1, now=NOW)
    take(
        observed("car_model", "宋PLUS"), observed("mileage", "12,000"), observed("bought_on", "2025年3月1日"),
        observed("weight", "60.07"), observed("has_pet", "是"), observed("drive", "电动"), observed("paid", "1,234.50元"),
        {"type": "maintenance", "text": "首保"},
    )  # fmt: skip
    cases = [
        ("attribute_car_model", "eq", "宋PLUS", "汉"), ("attribute_mileage", "gte", 12000, 12001),
        ("attribute_paid", "lt", 123_451, 123_450),
        ("attribute_weight", "eq", 60_070, 60_071), ("attribute_weight", "between", [60_070, 60_070], [60_071, 70_000]),
        ("attribute_bought_on", "lte", "2025-03-01", "2025-02-28"), ("attribute_has_pet", "eq", True, False),
        ("attribute_drive", "in", ["ev"], ["oil"]), ("event_maintenance", "lte", 1, 0),
    ]  # fmt: skip
    for name, operator, right, wrong in cases:
        assert (count(name, operator, right), count(name, operator, wrong)) == (1, 0), name
    assert BehaviourEvent.objects.get().type_code == "maintenance"  # the timeline's entry; observations are no events of it
    shown = {one.attribute.code: (one.text, one.source_code) for one in person_attributes(ADMIN, person, now=NOW)}
    assert shown["drive"] == ("电动", "app")
    assert (shown["has_pet"], shown["paid"], shown["weight"]) == (("是", "app"), ("¥1,234.50", "app"), ("60.070 kg", "app"))
    weight = next(entry.field for entry in fields_of(Noun.CUSTOMER, ADMIN) if entry.field.name == "attribute_weight")
    assert filter_value_text(weight, 60_070, language="en") == "60.070 kg"
    assert (scalar_text(weight, 60_070, {}), list_value_text(weight, (60_070,), {})) == ("60.070", "60.070")
    for one in AttributeValue.objects.filter(is_current=True):  # what is confirmed stays what it was
        before = one.number_value
        assert services.value_verify(viewer=AGENT, value_id=one.pk, now=NOW).number_value == before
    custom = tuple(entry for entry in fields_of(Noun.CUSTOMER, ADMIN) if entry.field.name.startswith("attribute_"))
    catalogue = customer_catalogue(ADMIN)
    row = person_page(ADMIN, Asked(catalogue, sort_read("id", person_sorts(ADMIN)), AS_OF, shown=custom)).rows[0]
    assert row.values == {
        "attribute_car_model": ("宋PLUS",), "attribute_mileage": (12_000,), "attribute_paid": (123_450,),
        "attribute_weight": (60_070,),
        "attribute_bought_on": (date(2025, 3, 1),), "attribute_has_pet": (True,), "attribute_drive": ("ev",),
    }  # fmt: skip
    assert {entry.column for entry in custom} == {Column.OFFERED}
    copy = hooks.run(hooks.Hook.PERSON_COPY, hooks.PersonCopy(person, tuple(records_of_person(person))))
    told = next(part["attributes"] for part in copy if "attributes" in part)
    assert {one["attribute"]: one["value"] for one in told}["车型"] == "宋PLUS"
    assert {one["attribute"]: one["value"] for one in told}["weight"] == "60.070"
    assert values_of_persons([person], today=AS_OF)[1][person, Attribute.objects.get(code="weight").pk] == "60.070 kg"
    assert person_attributes(STRANGER, person, now=NOW) is None


@pytest.mark.django_db
@pytest.mark.accept("S12")
def test_third_party_data_without_a_basis_is_in_no_filter_and_expires_on_its_day(person):
    one = define("income_band", is_third_party=True, provider="某数据公司")
    take(observed("income_band", "B"))
    with pytest.raises(FilterError):  # the name is unknown to filters: a segment over it cannot be saved
        count("attribute_income_band", "eq", "B")
    told = Told("income_band", "收入段", is_third_party=True, provider="某数据公司", basis_code="consent")
    services.attribute_save(
        told=replace(told, expires_on=AS_OF + timedelta(days=1)), type=AttributeType.TEXT, by=1, now=NOW, attribute_id=one.pk
    )
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("huitou.apps.attributes.fields.utc_now", lambda: NOW)
        assert count("attribute_income_band", "eq", "B") == 1
        clock.setattr("huitou.apps.attributes.fields.utc_now", lambda: NOW + timedelta(days=1))
        with pytest.raises(FilterError):
            count("attribute_income_band", "eq", "B")
    tomorrow = NOW + timedelta(days=1)
    assert services.values_expire(now=NOW) == 0
    assert person_attributes(ADMIN, person, now=tomorrow) == []
    assert services.values_expire(now=tomorrow) == 1
    assert not AttributeValue.objects.exists()
    services.event_type_save(told=Told("credit_check", "征信", is_third_party=True, provider="x"), by=1, now=NOW)
    assert event_codes_usable(today=AS_OF) == set()


@pytest.mark.django_db
@pytest.mark.accept("S15")
def test_what_nobody_verified_for_long_is_listed_until_somebody_does(person):
    define("car_model", days=180)
    take(observed("car_model", "宋PLUS", day="2026-05-01"))
    assert stale_count(ADMIN, now=NOW) == 1
    assert stale_values(STRANGER, now=NOW, person_ids=[person]) == stale_persons(STRANGER, now=NOW, limit=9) == []
    assert stale_persons(ADMIN, now=NOW, limit=9) == [person]
    assert stale_persons(ADMIN, now=NOW, after=person, limit=9) == []
    (stale,) = stale_values(ADMIN, now=NOW, person_ids=[person])
    assert (stale.person_id, stale.text, stale.source_code) == (person, "宋PLUS", "app")
    assert (stale.observed_at.year, stale.observed_at.month) == (2026, 5)
    with pytest.raises(services.ObservationRefused):
        services.value_verify(viewer=STRANGER, value_id=stale.value_id, now=NOW)
    services.value_verify(viewer=AGENT, value_id=stale.value_id, now=NOW)
    assert stale_count(ADMIN, now=NOW) == 0
    (now_known,) = person_attributes(ADMIN, person, now=NOW)
    assert (now_known.text, now_known.source_code, now_known.observed_at) == ("宋PLUS", "manual", NOW)


@pytest.mark.django_db
@pytest.mark.db_both
def test_the_newest_readable_word_holds_whatever_the_order_of_arrival(person):
    define("mileage", AttributeType.NUMBER)
    take(observed("mileage", "300", day="2026-11-03"))
    take(observed("mileage", "很多", day="2026-11-05"), now=NOW + timedelta(seconds=1))
    take(observed("mileage", "200", day="2026-11-02"), now=NOW + timedelta(seconds=2))
    (one,) = person_attributes(ADMIN, person, now=NOW)
    assert one.text == "300"
    assert AttributeValue.objects.filter(is_readable=False).count() == 1  # kept, encrypted, and counted on the page
    services.value_observe(viewer=AGENT, person_id=person, attribute_id=one.attribute.pk, text="400", now=NOW)
    (one,) = person_attributes(ADMIN, person, now=NOW)
    assert (one.text, AttributeValue.objects.filter(is_current=True).count()) == ("400", 1)
    for viewer, text in ((AGENT, "四百"), (STRANGER, "500")):
        with pytest.raises(services.ObservationRefused):
            services.value_observe(viewer=viewer, person_id=person, attribute_id=one.attribute.pk, text=text, now=NOW)
    assert AttributeValue.objects.count() == 4


@pytest.mark.django_db
@pytest.mark.accept("S236")
def test_a_sensitive_value_is_encrypted_masked_shown_for_a_reason_and_survives_a_change_of_keys(person, settings):
    one = define("health_note", is_sensitive=True)
    take(observed("health_note", "对花生过敏"))
    row = AttributeValue.objects.get()
    assert row.text_value is None
    assert "花生".encode() not in bytes(row.sealed)
    assert "attribute_health_note" not in customer_catalogue(ADMIN)
    (shown,) = person_attributes(AGENT, person, now=NOW)
    assert shown.is_masked
    assert "花生" not in shown.text
    assert values_of_persons([person], today=AS_OF) == ([], {})
    rotated(settings)
    column = next(column for column in sealed_columns() if column.model is AttributeValue)
    assert reseal(column, progress=lambda _count: None).renewed == 1
    reveal = {"person_id": person, "attribute_id": one.pk, "now": NOW}
    with pytest.raises(services.ObservationRefused, match="没有同意"):
        services.value_reveal(viewer=AGENT, reason_code="verify", **reveal)
    say(person, "granted")
    for viewer, reason in ((AGENT, ""), (Viewer(9, "analyst", None), "verify"), (STRANGER, "verify")):
        with pytest.raises(services.ObservationRefused):
            services.value_reveal(viewer=viewer, reason_code=reason, **reveal)
    assert services.value_reveal(viewer=AGENT, reason_code="verify", **reveal) == "对花生过敏"


@pytest.mark.django_db
@pytest.mark.db_both
@pytest.mark.accept("S34")
def test_income_education_and_occupation_are_added_by_a_click_and_used_of_those_alone_who_granted_it(person):
    for preset in presets_left():
        services.preset_add(code=preset.code, by=1, now=NOW)
    assert presets_left() == []
    Attribute.objects.filter(code__in=("churn_reason", "purchase_motive"), is_sensitive=False).delete()  # open to everybody
    for again in ("income_level", "shoe_size"):
        with pytest.raises(services.DefinitionRefused):
            services.preset_add(code=again, by=1, now=NOW)
    income = Attribute.objects.get(code="income_level")
    assert (income.is_sensitive, income.purpose_code, income.title_en) == (True, "personal", "Income level")
    take(observed("income_level", "月收入1万至2万元"), observed("education", "bachelor"), observed("occupation", "学生"))
    row = AttributeValue.objects.get(attribute_id=income.pk)
    assert (row.text_value, row.match_hash) == (None, match_hash(income.pk, "from_10k"))
    assert match_hash(income.pk, "from_10k") != match_hash(income.pk + 1, "from_10k")
    say(person, "granted", purpose="marketing")  # another purpose

    def counted():
        asked = (("income_level", "from_10k"), ("education", "bachelor"), ("occupation", "student"))
        return [count(f"attribute_{code}", "in", [value]) for code, value in asked]

    def entered(text):
        return services.value_observe(viewer=AGENT, person_id=person, attribute_id=income.pk, text=text, now=NOW)

    def wrong():
        return count("attribute_income_level", "eq", "under_5k"), count("attribute_income_level", "not_in", ["from_10k"])

    assert counted() == [0, 0, 0]  # never asked
    with pytest.raises(services.ObservationRefused, match="没有同意"):
        entered("from_20k")
    say(person, "granted")
    assert (counted(), wrong()) == ([1, 1, 1], (0, 0))
    assert count("attribute_income_level", "not_in", ["under_5k"]) == 1
    say(person, "withdrawn", channel="sms", now=NOW + timedelta(hours=1))  # refused on one channel: refused
    assert (counted(), count("attribute_income_level", "not_in", ["under_5k"])) == ([0, 0, 0], 0)
    (shown,) = (one for one in person_attributes(AGENT, person, now=NOW) if one.attribute == income)
    assert (shown.text, shown.lacks_consent, shown.can_reveal) == ("****", True, False)
    say(person, "granted", channel="sms", now=NOW + timedelta(hours=2))
    assert counted() == [1, 1, 1]
    assert services.value_reveal(
        viewer=AGENT, person_id=person, attribute_id=income.pk, reason_code="verify", now=NOW
    ) == "月收入1万至2万元"  # fmt: skip
    assert values_of_persons([person], today=AS_OF) == ([], {})
    offered = {
        role for role in Role if "attribute_income_level" in customer_catalogue(Viewer(1, role.value, None))
    }  # fmt: skip
    assert offered == {Role.ADMIN, Role.MARKETER, Role.ANALYST}
    assert not any("name" in whole_fields(role) for role in offered)


@pytest.mark.django_db
@pytest.mark.db_both
@pytest.mark.accept("S16")
def test_values_come_by_file_follow_a_merge_and_go_with_the_undo_and_the_erasure(person):
    define("car_model", title="车型")
    define("mileage", AttributeType.NUMBER)
    sheet = "手机号,车型,里程,姓名\n13951764420,汉,5000,李雷\n13762915037,唐,,韩梅\n138,秦,1,王\n"
    run = intake.import_upload(
        stream=io.BytesIO(sheet.encode()), file_name="车.csv", source_code="files", kind_code="attributes", user_id=1, now=NOW
    )
    intake.import_map(
        import_id=run.pk, mapping={"phone": 0, "value_1": 1, "value_2": 2, "name": 3},
        constants={"code_1": "car_model", "code_2": "mileage"}, now=NOW,
    )  # fmt: skip
    done = intake.import_run(import_id=run.pk, now=NOW)
    intake.batches_apply(now=NOW)
    assert done.counts["event"] == {"received": 5, "accepted": 3, "updated": 0, "merged": 0, "quarantined": 2}
    assert count("attribute_car_model", "eq", "汉") == 1
    # the phone joined the file's record to the person of the app, and the value came along
    assert {one.text for one in person_attributes(ADMIN, person, now=NOW)} == {"汉", "5000"}
    intake.import_undo(import_id=run.pk, user_id=1, now=NOW)
    intake.batches_apply(now=NOW)
    assert not AttributeValue.objects.exists()
    take(observed("car_model", "宋"), now=NOW + timedelta(seconds=9))
    hooks.run(hooks.Hook.ERASE, hooks.PersonErased(person, tuple(records_of_person(person)), NOW))
    assert not AttributeValue.objects.exists()


@pytest.mark.django_db
def test_what_is_used_keeps_its_code_type_and_choices():
    one = define("drive", AttributeType.CHOICE, choices=DRIVES)
    AttributeValue.objects.create(
        attribute_id=one.pk, record_id=1, source_code="app", observed_at=NOW, text_value="ev", is_current=True
    )
    for code in ("drive", "Drive", "9x", "a"):
        with pytest.raises(services.DefinitionRefused):
            define(code, AttributeType.CHOICE, choices=DRIVES)
    for type, places in ((AttributeType.DECIMAL, 0), (AttributeType.DECIMAL, 7), (AttributeType.NUMBER, 2)):
        with pytest.raises(services.DefinitionRefused):
            define("weight", type, places=places)
    with pytest.raises(services.DefinitionRefused):
        services.event_type_save(told=Told("order", "订单"), by=1, now=NOW)
    fewer = [AttributeChoice("oil", "燃油"), AttributeChoice("gas", "燃气")]
    with pytest.raises(services.DefinitionRefused, match="ev"):
        services.attribute_save(
            told=Told("x", "动力"), type=AttributeType.TEXT, choices=fewer, by=1, now=NOW, attribute_id=one.pk
        )
    saved = services.attribute_save(
        told=Told("other", "动力"), type=AttributeType.TEXT, choices=[*DRIVES, fewer[1]], is_sensitive=True, by=1, now=NOW,
        attribute_id=one.pk,
    )  # fmt: skip
    assert (saved.code, saved.type_code, saved.is_sensitive, saved.title) == ("drive", "choice", False, "动力")
    services.definition_switch(kind=Attribute, pk=one.pk, is_enabled=False, by=1, now=NOW)
    assert "attribute_drive" not in customer_catalogue(ADMIN)


@pytest.mark.django_db
@pytest.mark.accept("S35")
def test_a_scale_of_a_survey_is_kept_with_its_day_and_survey_and_segments_ask_it(person):
    define("extraversion", AttributeType.NUMBER, title="外向性")
    intake.source_configure(code="survey_2026_11", kind_code="events", settings={"secret": "s"}, now=NOW)
    item = observed("extraversion", "31", "2026-11-18") | {"id": "answer-1", "customer": {"phone": "13951764420", "name": "李雷"}}
    intake.events_receive(source_code="survey_2026_11", items=[item], now=NOW)
    intake.sources_seal(now=NOW)
    intake.batches_apply(now=NOW)
    shown = {one.attribute.code: one for one in person_attributes(ADMIN, person, now=NOW)}["extraversion"]
    assert (shown.text, shown.source_code, shown.observed_at.date()) == ("31", "survey_2026_11", date(2026, 11, 18))
    assert "attribute_extraversion" in segment_catalogue(ADMIN)
    assert (count("attribute_extraversion", "gte", 31), count("attribute_extraversion", "gte", 32)) == (1, 0)
