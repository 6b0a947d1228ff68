"""Groups that behave alike, as stored and shown: differences only, a field, a segment that follows, who sees the page."""

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
from huitou.apps.customers.queries.listing import person_page, person_sorts
from huitou.apps.segments.models import Segment, SegmentVersion
from huitou.apps.value import handlers
from huitou.apps.value.groups import clusters_in_force
from huitou.apps.value.models import ClusterRun, PersonCluster, PersonValue, RunKind, ValueRun
from huitou.apps.value.queries import tag_dictionary
from huitou.apps.value.services import clusters_run
from huitou.core.filters.json_form import parse

__all__ = ["chain"]
pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
ADMIN = Viewer(user_id=1, role_code="admin", store_ids=None)


def scored(chain: Chain, count: int) -> None:
    """Two kinds of buyers in turn; the two persons of the chain are one of each."""
    rng = np.random.default_rng(5)
    ids = [chain.person_id, chain.outsider_id, *range(1_000_000, 1_000_000 + count - 2)]
    PersonValue.objects.all().delete()
    PersonValue.objects.bulk_create(
        PersonValue(
            person_id=one, run_id=1, r=5 if place % 2 else 1, f=4 if place % 2 else 2, m=3, rfm_total=9,
            net_365d_fen=int((400_000 if place % 2 else 30_000) * rng.uniform(0.9, 1.1)), average_ticket_fen=9_000,
            discount_share=0.2, online_share=0.8 if place % 2 else 0.1, top_category_share=0.5, interaction_power=20,
        )
        for place, one in enumerate(ids)
    )  # fmt: skip
    ValueRun.objects.get_or_create(
        kind_code=RunKind.FULL, version=1, base_number=1, as_of=NOW.date(), window_days=365, started_at=NOW, ended_at=NOW
    )


def signed_in(chain: Chain, role: str) -> Client:
    client = Client()
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.accept("S70")
def test_groups_are_kept_shown_filtered_by_and_saved_as_a_segment(chain: Chain):
    assert clusters_run(now=NOW) is None
    scored(chain, 320)
    run = clusters_run(now=NOW)
    assert (run.refusal, run.persons) == ("", 320)
    assert float(run.silhouettes[str(run.k)]) == max(map(float, run.silhouettes.values()))
    first = dict(PersonCluster.objects.values_list("pk", "code"))
    again = clusters_run(now=NOW + timedelta(days=1))
    assert dict(PersonCluster.objects.values_list("pk", "code")) == first
    assert again.groups == run.groups
    grouping = clusters_in_force()
    assert sum(one.size for one in grouping.clusters) == 320
    code = first[chain.outsider_id]
    catalogue = fields.catalogue_of(fields.Noun.CUSTOMER, ADMIN)
    node = parse({"field": "cluster", "op": "eq", "value": code}, catalogue)
    asked = Asked(catalogue, sort_read("id", person_sorts()), NOW.date(), node)
    assert [row.row_id for row in person_page(ADMIN, asked).rows] == [chain.outsider_id]

    line = next(one for one in tag_dictionary(now=NOW, names={}) if one.code == "cluster")
    assert (line.covered, line.as_of) == (320, NOW.date())
    assert f"分成 {run.k} 群" in line.definition.zh
    assert line.condition == "cluster.present"
    has_group = Asked(
        catalogue, sort_read("id", person_sorts()), NOW.date(), parse({"field": "cluster", "op": "present"}, catalogue)
    )
    assert {row.row_id for row in person_page(ADMIN, has_group).rows} == {chain.person_id, chain.outsider_id}

    page = signed_in(chain, "marketer").get(reverse("clusters:clusters")).content.decode()
    for one in grouping.clusters:
        assert f"{one.number} · {one.name().zh}" in page
    assert "轮廓系数" in page
    saved = signed_in(chain, "marketer").post(reverse("clusters:to_segment", args=[code[1:]]))
    segment = Segment.objects.get()
    assert saved.url == reverse("segments:segment", args=[segment.pk])
    assert SegmentVersion.objects.get().rule == {"field": "cluster", "op": "eq", "value": code}
    assert signed_in(chain, "marketer").post(reverse("clusters:to_segment", args=[99])).status_code == 404
    assert signed_in(chain, "guide").get(reverse("clusters:clusters")).status_code in {403, 404}
    assert signed_in(chain, "store_manager").post(reverse("clusters:to_segment", args=[code[1:]])).status_code in {403, 404}
    assert Segment.objects.count() == 1

    handlers.person_erased(PersonErased(person_id=chain.outsider_id, record_ids=(), at=NOW))
    assert not PersonCluster.objects.filter(pk=chain.outsider_id).exists()


def test_too_few_buyers_keep_the_last_groups_and_say_why(chain: Chain):
    scored(chain, 320)
    clusters_run(now=NOW)
    scored(chain, 40)
    refused = clusters_run(now=NOW)
    assert (refused.refusal, refused.persons) == ("few", 40)
    assert clusters_in_force().run.pk == ClusterRun.objects.order_by("pk").first().pk
    assert PersonCluster.objects.count() == 320
    page = signed_in(chain, "analyst").get(reverse("clusters:clusters")).content.decode()
    assert "不足 300 人" in page
    assert "轮廓系数" in page
