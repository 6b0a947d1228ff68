"""Referrals and groups: told by a file or an event, they follow merges and undos, and go with the person."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huitou.apps.base.bulk import rows_write
from huitou.apps.base.hooks import BatchesWithdrawn, Hook, PersonCopy, PersonErased, run
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.customers.models import Person
from huitou.apps.customers.queries import persons_found
from huitou.apps.identity.queries import records_of_person
from huitou.apps.identity.services import identity_undo, person_merge
from huitou.apps.intake import services
from huitou.apps.intake.models import Batch
from huitou.apps.relations import groups, referrals
from huitou.apps.relations.models import CustomerGroup, GroupStep, Referral, RelationFacts
from huitou.apps.relations.queries import group_names, relations_of
from huitou.apps.relations.told import relations_told

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.accept("S38")]

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
STEWARD = Viewer(user_id=7, role_code="agent", store_ids=None)
STRANGER = Viewer(user_id=8, role_code="agent", store_ids=frozenset())
MEMBERS = [
    {"客户编号": "C1", "姓名": "周小芳", "手机号": "13812345671", "注册时间": "2026-03-05", "推荐人": "138 1234 5672"},
    {"客户编号": "C2", "姓名": "李雷", "手机号": "13812345672", "注册时间": "2025-01-01", "推荐人": ""},
    {"客户编号": "C3", "姓名": "赵敏", "手机号": "13812345673", "注册时间": "", "推荐人": "C2"},
    {"客户编号": "C4", "姓名": "孙权", "手机号": "13812345674", "注册时间": "", "推荐人": "C4"},
]
LI, ZHOU, ZHAO, SUN = "13812345672", "13812345671", "13812345673", "13812345674"


def bring(rows, *, kind="members", now=NOW):
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    stream = io.BytesIO(out.getvalue().encode())
    uploaded = services.import_upload(stream=stream, file_name="f.csv", source_code="files", kind_code=kind, user_id=1, now=now)
    services.import_map(import_id=uploaded.pk, mapping=uploaded.mapping, constants=uploaded.constants, now=now)
    services.import_run(import_id=uploaded.pk, now=now)
    services.batches_apply(now=now)
    return uploaded


def send(*items, now=NOW):
    services.source_configure(code="miniapp", kind_code="events", settings={"secret": "s"}, now=now)
    moment = {"occurred_at": "2026-11-20T10:00:00+08:00"}
    services.events_receive(source_code="miniapp", items=[moment | item for item in items], now=now)
    services.sources_seal(now=now)
    services.batches_apply(now=now)


def person(phone):
    (found,) = persons_found(STEWARD, phone)
    return found.person_id


def referred_by(phone):
    return [one.person_id for one in relations_of(STEWARD, person(phone)).referrers.neighbours]


def won(phone):
    return sorted(one.person_id for one in relations_of(STEWARD, person(phone)).referred.neighbours)


def test_a_column_of_the_member_file_names_the_referrer_by_phone_or_number():
    uploaded = bring(MEMBERS)
    assert uploaded.mapping["referrer"] == 4
    assert referred_by(ZHOU) == [person(LI)]
    assert referred_by(ZHAO) == [person(LI)]
    assert referred_by(SUN) == []  # nobody refers themselves
    assert won(LI) == sorted([person(ZHOU), person(ZHAO)])
    assert RelationFacts.objects.get(pk=person(LI)).referred_count == 2
    (told,) = relations_of(STEWARD, person(ZHOU)).referrers.neighbours
    assert (told.source_code, told.since) == ("files", datetime(2026, 3, 4, 16, tzinfo=UTC))
    (undated,) = relations_of(STEWARD, person(ZHAO)).referrers.neighbours
    assert undated.since is None
    assert not BehaviourEvent.objects.exists()


def test_the_same_file_again_changes_nothing_and_an_undone_one_leaves_nothing():
    bring(MEMBERS)
    before = list(Referral.objects.order_by("pk").values())
    bring(MEMBERS, now=NOW + timedelta(days=1))
    assert list(Referral.objects.order_by("pk").values()) == before
    batches = tuple(Batch.objects.order_by("pk").values_list("pk", flat=True))
    run(Hook.BATCHES_WITHDRAWN, BatchesWithdrawn(batches, (), "files", NOW))
    assert not Referral.objects.exists()
    assert not RelationFacts.objects.exists()


def test_an_event_tells_of_a_referral_and_the_first_that_was_said_counts():
    bring(MEMBERS)
    send({"type": "referral", "id": "f1", "customer": {"phone": SUN}, "referrer": {"phone": ZHOU}},
         {"type": "referral", "id": "f2", "customer": {"phone": ZHOU}, "referrer": {"phone": ZHAO}})  # fmt: skip
    assert referred_by(SUN) == [person(ZHOU)]
    assert referred_by(ZHOU) == [person(LI)]  # the file's is older
    assert won(ZHAO) == []


def test_a_referrer_who_comes_later_is_found_then():
    send({"type": "referral", "id": "f1", "customer": {"id": "A"}, "referrer": {"id": "B"}})
    assert not Referral.objects.filter(is_current=True).exists()
    told = {"type": "customer", "version": "2026-11-20T11:00:00+08:00"}
    send(told | {"id": "A", "customer": {"id": "A", "phone": ZHOU}}, told | {"id": "B", "customer": {"id": "B", "phone": LI}})
    assert referred_by(ZHOU) == [person(LI)]


def test_referrals_follow_a_merge_and_its_undo():
    bring(MEMBERS)
    zhou, li, zhao = person(ZHOU), person(LI), person(ZHAO)
    event = person_merge(person_id=li, other_id=zhou, by=7, reason="", now=NOW)
    stays = person(LI)
    assert relations_of(STEWARD, stays).referrers.count == 0  # who referred themselves referred nobody
    assert won(LI) == [zhao]
    identity_undo(event_id=event.pk, by=7, reason="", now=NOW)
    assert referred_by(ZHOU) == [li]
    assert won(LI) == sorted([zhou, zhao])
    assert RelationFacts.objects.get(pk=li).referred_count == 2
    assert set(RelationFacts.objects.values_list("pk", flat=True)) == {li}


def test_who_is_in_a_group_follows_steps_in_and_out_merges_and_dates():
    rows = [
        {"手机号": ZHOU, "群编号": "G1", "群名称": "一店福利群", "群主": "小周", "入群时间": "2026-03-01", "退群时间": ""},
        {
            "手机号": LI,
            "群编号": "G1",
            "群名称": "一店福利群",
            "群主": "小周",
            "入群时间": "2026-03-02",
            "退群时间": "2026-05-01",
        },
        {"手机号": ZHAO, "群编号": "G1", "群名称": "一店福利群", "群主": "小周", "入群时间": "2026-03-03", "退群时间": ""},
    ]
    bring(MEMBERS)
    bring(rows, kind="groups")
    (stay,) = relations_of(STEWARD, person(ZHOU)).groups
    assert (stay.title, stay.guide) == ("一店福利群", "小周")
    assert [one.person_id for one in stay.others.neighbours] == [person(ZHAO)]
    assert relations_of(STEWARD, person(LI)).groups == ()
    april = datetime(2026, 4, 1, tzinfo=UTC)
    (then,) = relations_of(STEWARD, person(LI), as_of=april).groups
    assert then.others.count == 2
    event = person_merge(person_id=person(LI), other_id=person(ZHAO), by=7, reason="", now=NOW)
    (merged,) = relations_of(STEWARD, person(ZHOU)).groups
    assert merged.others.count == 0  # the last step of the two was out
    identity_undo(event_id=event.pk, by=7, reason="", now=NOW)
    (again,) = relations_of(STEWARD, person(ZHOU)).groups
    assert [one.person_id for one in again.others.neighbours] == [person(ZHAO)]
    send({"type": "group_leave", "id": "g1", "customer": {"phone": ZHAO}, "group": "G1"})
    assert relations_of(STEWARD, person(ZHAO)).groups != ()  # another source's group of that code is another group


def test_a_stranger_sees_no_relation_and_whoever_reaches_one_side_a_count():
    bring([row | {"门店": "S1" if row["客户编号"] == "C1" else "S2"} for row in MEMBERS])
    assert relations_of(STRANGER, person(ZHOU)) == relations_of(STRANGER, 999_999)
    assert relations_of(STRANGER, person(ZHOU)).referrers.count == 0
    own = Viewer(9, "guide", frozenset({Person.objects.get(pk=person(ZHOU)).home_store_id}))
    circle = relations_of(own, person(ZHOU)).referrers
    assert (circle.neighbours, circle.more, circle.hidden) == ((), 0, 1)


def test_of_a_group_the_first_in_reach_are_named_and_the_others_counted():
    bring([row | {"门店": "S2" if row["客户编号"] == "C4" else "S1"} for row in MEMBERS])
    bring([{"手机号": phone, "群编号": "G1", "入群时间": "2026-03-01"} for phone in (SUN, ZHOU, LI, ZHAO)], kind="groups")
    own = Viewer(9, "guide", frozenset({Person.objects.get(pk=person(ZHOU)).home_store_id}))
    (stay,) = relations_of(own, person(ZHOU), shown=1).groups
    assert ([one.person_id for one in stay.others.neighbours], stay.others.more, stay.others.hidden) == ([person(LI)], 1, 1)


def test_an_erased_person_is_named_by_no_relation():
    bring(MEMBERS)
    bring([{"手机号": LI, "群编号": "G1", "入群时间": "2026-03-01"}], kind="groups")
    li, zhou = person(LI), person(ZHOU)
    records = tuple(records_of_person(li))
    copy = {name: rows for part in run(Hook.PERSON_COPY, PersonCopy(li, records)) for name, rows in part.items()}
    assert [row["part"] for row in copy["referrals"]] == ["referrer", "referrer"]
    assert [row["group"] for row in copy["groups"]] == ["G1"]
    run(Hook.ERASE, PersonErased(li, records, NOW))
    assert relations_of(STEWARD, zhou).referrers.count == 0
    assert not GroupStep.objects.exists()
    assert not RelationFacts.objects.exists()
    assert not Referral.objects.filter(referrer_id=li).exists()


def test_whoever_waited_for_a_person_is_found_by_a_number_of_statements_that_does_not_grow(monkeypatch):
    told = {referrals: referrals.referrals_settle, groups: groups.steps_settle}
    for module in told:
        monkeypatch.setattr(module, "persons_of_records", lambda ids: {one: one + 1_000_000 for one in ids})
    group = CustomerGroup.objects.create(source_code="s", code="g", title="g")
    counts = []
    for first, many in ((0, 2), (100, 80)):
        rows = range(first, first + many)
        rows_write(Referral, ("source_code", "pair_no", "record_id", "referrer_record_id"),
                   [("s", str(one), 2 * one + 1, 2 * one + 2) for one in rows])  # fmt: skip
        rows_write(
            GroupStep, ("id", "group", "record_id", "is_join", "at"), [(one, group.pk, one + 1, True, NOW) for one in rows]
        )
        with CaptureQueriesContext(connection) as asked:
            for settle in told.values():
                settle()
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert Referral.objects.filter(is_current=True).count() == 82
    assert not GroupStep.objects.filter(person_id=None).exists()


def test_neither_phone_nor_its_plain_hash_stands_in_a_pair_number():
    bring(MEMBERS)
    texts = {one.text for batch in Batch.objects.all() for one in relations_told("files", batch.pk)}
    assert texts
    assert not texts & set(Referral.objects.values_list("pair_no", flat=True))


def test_a_group_is_offered_while_somebody_is_in():
    bring(MEMBERS)
    stay = {"手机号": LI, "群编号": "G1", "群名称": "一店", "入群时间": "2026-03-01", "退群时间": ""}
    bring([stay, stay | {"群编号": "G2", "群名称": "二店", "退群时间": "2026-04-01"}], kind="groups")
    assert list(group_names().values()) == ["一店"]
