"""Look-alikes as stored and shown: the likest in order without who refuses, a segment of so many, what is refused."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, Chain, chain

from huitou.apps.base import fields
from huitou.apps.base.hooks import PersonErased
from huitou.apps.base.listing import Asked, sort_read
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.customers.queries.listing import person_page, person_sorts
from huitou.apps.privacy.models import Consent
from huitou.apps.segments import handlers
from huitou.apps.segments.lists import packed
from huitou.apps.segments.models import LookAlike, LookAlikeRank, Segment, SegmentList, SegmentRefresh, SegmentVersion
from huitou.apps.segments.services import LookAlikeNotAsked, look_alike_ask, look_alike_run
from huitou.apps.value.models import PersonValue
from huitou.core.filters.json_form import parse
from huitou.core.periods import business_date

__all__ = ["chain"]
pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
ADMIN = Viewer(user_id=1, role_code="admin", store_ids=None)
FIRST = 1_000_000


def customers(chain: Chain) -> list[int]:
    """400 buyers: every fourth buys online and much, both persons of the chain among them."""
    rng = np.random.default_rng(6)
    ids = [chain.person_id, *range(FIRST, FIRST + 3), chain.outsider_id, *range(FIRST + 3, FIRST + 398)]
    PersonValue.objects.all().delete()
    PersonValue.objects.bulk_create(
        PersonValue(
            person_id=one, run_id=1, r=3, f=3, m=3, rfm_total=9, average_ticket_fen=int(rng.integers(4_000, 9_000)),
            net_365d_fen=int((400_000 if place % 4 == 0 else 60_000) * rng.uniform(0.8, 1.2)),
            online_share=0.8 if place % 4 == 0 else 0.1,
        )
        for place, one in enumerate(ids)
    )  # fmt: skip
    return ids


def segment_of(person_ids, *, name="样子") -> Segment:
    made = Segment.objects.create(name=name, owner_id=1, created_at=NOW, updated_at=NOW)
    refresh = SegmentRefresh.objects.create(
        segment=made, version_number=1, facts_version=1, as_of=NOW.date(), members=len(person_ids), started_at=NOW, ended_at=NOW
    )
    SegmentList.objects.create(segment=made, refresh_id=refresh.pk, ids=packed(np.array(sorted(person_ids), dtype=np.int64)))
    Segment.objects.filter(pk=made.pk).update(refresh_id=refresh.pk)
    return made


def signed_in(chain: Chain, role: str) -> Client:
    client = Client()
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_likest_are_kept_in_order_and_become_a_segment(chain: Chain):
    ids = customers(chain)
    alike = ids[::4]
    seeds = [one for one in alike if one != chain.outsider_id][:70]
    refusing, child = alike[-1], alike[-2]
    Person.objects.create(pk=child, of_age_on=business_date(NOW) + timedelta(days=1), created_at=NOW, updated_at=NOW)
    Consent.objects.create(
        person_id=refusing,
        channel_code="sms",
        purpose_code="personal",
        answer_code="withdrawn",
        source_code="phone",
        said_at=NOW,
        recorded_at=NOW,
    )
    asked = look_alike_ask(viewer=ADMIN, segment=segment_of(seeds), now=NOW)
    row = look_alike_run(look_alike_id=asked.pk, now=NOW)
    assert (row.refusal, row.seeds, row.kept) == ("", 70, 400 - 70 - 2)
    assert row.auc > 0.8
    ranks = dict(LookAlikeRank.objects.values_list("person_id", "rank"))
    assert sorted(ranks.values()) == list(range(1, row.kept + 1))
    hidden = set(alike) - set(seeds) - {refusing, child}
    assert max(ranks[one] for one in hidden) == len(hidden)
    assert not {refusing, child} & ranks.keys()
    assert chain.person_id not in ranks
    look_alike_run(look_alike_id=asked.pk, now=NOW + timedelta(hours=1))
    assert dict(LookAlikeRank.objects.values_list("person_id", "rank")) == ranks

    marketer = signed_in(chain, "marketer")
    page = marketer.get(reverse("look_alike:list")).content.decode()
    assert f"{row.auc:.2f}" in page
    keep = reverse("look_alike:keep", args=[row.pk])
    for size in ("0", str(row.kept + 1), "many"):
        assert marketer.post(keep, {"size": size, "name": "像的人"}).url == reverse("look_alike:list")
    assert Segment.objects.count() == 1
    assert signed_in(chain, "guide").get(reverse("look_alike:list")).status_code in {403, 404}
    assert signed_in(chain, "store_manager").post(keep, {"size": "30", "name": "像的人"}).status_code in {403, 404}
    marketer.post(keep, {"size": str(len(hidden)), "name": "像的人"})
    made = Segment.objects.get(name="像的人")
    rule = SegmentVersion.objects.get(segment=made).rule
    assert rule == {"field": f"alike_{row.pk}", "op": "lte", "value": len(hidden)}
    catalogue = fields.catalogue_of(fields.Noun.CUSTOMER, ADMIN)
    asked_for = Asked(catalogue, sort_read("id", person_sorts()), NOW.date(), parse(rule, catalogue))
    assert [one.row_id for one in person_page(ADMIN, asked_for).rows] == [chain.outsider_id]
    handlers.person_erased(PersonErased(chain.outsider_id, (), NOW))
    assert not LookAlikeRank.objects.filter(person_id=chain.outsider_id).exists()


def test_what_cannot_be_told_gets_no_ranks_and_says_why(chain: Chain):
    ids = customers(chain)
    with pytest.raises(LookAlikeNotAsked):
        look_alike_ask(
            viewer=ADMIN, segment=Segment.objects.create(name="新", owner_id=1, created_at=NOW, updated_at=NOW), now=NOW
        )
    few = look_alike_ask(viewer=ADMIN, segment=segment_of(ids[:49]), now=NOW)
    chance = np.random.default_rng(8).permutation(len(ids))[:120]
    naive = look_alike_ask(viewer=ADMIN, segment=segment_of([ids[place] for place in chance], name="随机"), now=NOW)
    assert look_alike_run(look_alike_id=few.pk, now=NOW).refusal == "few"
    refused = look_alike_run(look_alike_id=naive.pk, now=NOW)
    assert (refused.refusal, refused.kept) == ("naive", 0)
    assert 0.4 < refused.auc < 0.6
    assert LookAlike.objects.count() == 2
    page = signed_in(chain, "analyst").get(reverse("look_alike:list")).content.decode()
    assert "不足 50 人" in page
    assert "分不出" in page
