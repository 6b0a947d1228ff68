"""Age, gender and inferred attributes as stored: read from the files, apart from what was stated, off by default."""

from datetime import date, timedelta

import numpy as np
import pytest
from tests.web.conftest import NOW, Chain, chain

from huitou.apps.attributes.models import AttributeValue
from huitou.apps.attributes.queries import values_of_persons
from huitou.apps.attributes.services import attribute_save
from huitou.apps.attributes.services.define import Told
from huitou.apps.base import fields
from huitou.apps.base.hooks import IdentityChange, PersonCopy, PersonErased
from huitou.apps.base.listing import Asked, sort_read
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person
from huitou.apps.customers.profiles import profile_seal
from huitou.apps.customers.queries.listing import person_page, person_sorts
from huitou.apps.privacy.models import Consent
from huitou.apps.value import handlers
from huitou.apps.value.models import InferenceRule, InferredValue, PersonDemographic, PersonValue
from huitou.apps.value.queries import inferred_tags, tag_dictionary
from huitou.apps.value.services import InferenceNotSwitched, demographics_refresh, inference_switch, inferences_run
from huitou.core.attributes import AttributeChoice, AttributeType
from huitou.core.filters.json_form import parse
from huitou.core.value.demographics import AGE_BANDS

__all__ = ["chain"]
pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

ADMIN = Viewer(user_id=1, role_code="admin", store_ids=None)
TODAY = NOW.date()
FILE = {"birthday": "1990-05-17", "gender": "F"}


def found(name, value):
    catalogue = fields.catalogue_of(fields.Noun.CUSTOMER, ADMIN)
    node = parse({"field": name, "op": "eq", "value": value}, catalogue)
    asked = Asked(catalogue, sort_read("id", person_sorts()), TODAY, node)
    return {row.row_id for row in person_page(ADMIN, asked).rows}


@pytest.mark.accept("S30")
def test_age_and_gender_come_from_the_file_and_unknown_can_be_asked_for(chain: Chain):
    at = NOW.isoformat()
    known = {name: {"value": text, "record_id": 1, "source_code": "till", "observed_at": at} for name, text in FILE.items()}
    Person.objects.filter(pk=chain.person_id).update(profile=profile_seal(keyring(), chain.person_id, known))
    assert demographics_refresh(now=NOW) == Person.objects.filter(is_live=True).count() == 3
    row = PersonDemographic.objects.get(pk=chain.person_id)
    PersonDemographic.objects.exclude(pk__in=[chain.person_id, chain.outsider_id]).delete()
    PersonDemographic.objects.filter(pk=chain.outsider_id).update(born_month=None, gender_code="unknown")
    assert (row.born_month, row.gender_code) == (date(1990, 5, 1), "F")
    today = fields.fields_of(fields.Noun.CUSTOMER, ADMIN)
    assert {"age_band", "gender", "born_month"} <= {entry.field.name for entry in today}
    assert chain.outsider_id in found("age_band", "unknown")
    assert found("gender", "unknown") == {chain.outsider_id}
    assert found("gender", "F") == {chain.person_id}
    in_bands = set.union(*(found("age_band", band.code) for band in AGE_BANDS))
    assert in_bands == {chain.person_id}
    assert demographics_refresh(now=NOW + timedelta(hours=1)) in (0, 3)  # the overlap reads what was written just before
    Person.objects.filter(pk=chain.person_id).update(updated_at=NOW + timedelta(days=1))
    assert demographics_refresh(now=NOW + timedelta(days=1)) == 1
    handlers.derived_drop(IdentityChange(1, (), (), (chain.person_id,), NOW))
    handlers.person_erased(PersonErased(chain.outsider_id, (), NOW))
    assert not PersonDemographic.objects.filter(pk__in=[chain.person_id, chain.outsider_id]).exists()


@pytest.fixture
def crowd(chain: Chain):
    """600 persons whose ticket tells the occupation; 400 of them stated it, one refuses profiling."""
    attribute = attribute_save(
        told=Told("job", "职业"), type=AttributeType.CHOICE, by=1, now=NOW,
        choices=(AttributeChoice("clerk", "职员"), AttributeChoice("farmer", "务农")),
    )  # fmt: skip
    first = chain.person_id
    ids = [first, *range(first + 1_000, first + 1_599)]
    Person.objects.bulk_create([Person(pk=pk, created_at=NOW, updated_at=NOW) for pk in ids[1:]])
    rng = np.random.default_rng(2)
    kinds = [number % 2 for number in range(600)]
    tickets = [int(1_000 + 900 * kind + rng.normal(0, 200)) for kind in kinds]
    PersonValue.objects.bulk_create(
        PersonValue(person_id=pk, run_id=1, average_ticket_fen=fen) for pk, fen in zip(ids, tickets, strict=True)
    )
    AttributeValue.objects.bulk_create(
        [
            AttributeValue(attribute_id=attribute.pk, record_id=pk, person_id=pk, source_code="file", observed_at=NOW,
                           text_value=("clerk", "farmer")[kind], is_current=True)
            for pk, kind in zip(ids[200:], kinds[200:], strict=True)
        ]
    )  # fmt: skip
    Consent.objects.create(
        person_id=ids[1], channel_code="sms", purpose_code="personal", answer_code="withdrawn", source_code="phone",
        said_at=NOW, recorded_at=NOW,
    )  # fmt: skip
    Person.objects.filter(pk=ids[2]).update(of_age_on=TODAY + timedelta(days=1))  # a child
    return ids


@pytest.mark.accept("S26")
def test_inferred_values_stand_apart_off_by_default_and_never_of_who_refused(crowd):
    names = {entry.field.name for entry in fields.fields_of(fields.Noun.CUSTOMER, ADMIN)}
    assert "inferred_job" not in names
    assert inferences_run(now=NOW) == 0
    marketer = Viewer(user_id=2, role_code="marketer", store_ids=None)
    for viewer, code, reason in ((marketer, "job", "role"), (ADMIN, "nonsense", "unknown")):
        with pytest.raises(InferenceNotSwitched, match=reason):
            inference_switch(viewer=viewer, attribute_code=code, is_on=True, now=NOW)
    inference_switch(viewer=ADMIN, attribute_code="job", is_on=True, now=NOW)
    assert inferences_run(now=NOW) == InferredValue.objects.count() > 150
    rule = InferenceRule.objects.get()
    assert rule.accuracy > 0.9 > rule.baseline
    persons = set(InferredValue.objects.values_list("person_id", flat=True))
    assert persons <= {crowd[0], *crowd[3:200]}  # who said it keeps what was said; who refused and a child have none
    one = InferredValue.objects.get(person_id=crowd[0])
    assert one.person_id in found("inferred_job", one.value_code)
    assert (one.inferred_on, InferredValue.objects.filter(confidence__lt=0.60).exists()) == (TODAY, False)
    entry = next(one for one in fields.fields_of(fields.Noun.CUSTOMER, ADMIN) if one.field.name == "inferred_job")
    assert (entry.column, entry.field.label.zh) == (fields.Column.NEVER, "推断：职业")
    assert values_of_persons([one.person_id], today=TODAY)[1] == {}  # exports know what was stated only
    line = next(line for line in tag_dictionary(now=NOW, names={}) if line.code == "inferred_job")
    assert (line.kind, line.covered, line.accuracy) == ("model", rule.persons, rule.accuracy)
    Consent.objects.all().delete()  # without the refusal and the childhood those two are inferred like the others
    Person.objects.filter(pk=crowd[2]).update(of_age_on=None)
    inferences_run(now=NOW)
    assert InferredValue.objects.filter(person_id__in=crowd[1:3]).count() == 2


@pytest.mark.accept("S26")
def test_what_is_not_sure_enough_is_not_kept(crowd):
    inference_switch(viewer=ADMIN, attribute_code="job", is_on=True, now=NOW)
    assert InferenceRule.objects.get().least_confidence == 0.60
    inferences_run(now=NOW)
    least = InferredValue.objects.order_by("confidence").first()
    for limit, is_kept in ((least.confidence - 1e-4, True), (least.confidence + 1e-4, False)):
        InferenceRule.objects.update(least_confidence=limit)
        inferences_run(now=NOW)
        assert InferredValue.objects.filter(person_id=least.person_id).exists() == is_kept, limit


def test_a_statement_takes_the_place_of_what_was_inferred_and_switching_off_deletes(crowd):
    inference_switch(viewer=ADMIN, attribute_code="job", is_on=True, now=NOW)
    inferences_run(now=NOW)
    InferredValue.objects.filter(person_id=crowd[0]).delete()
    rule = InferenceRule.objects.get()
    InferredValue.objects.create(rule=rule, person_id=crowd[0], value_code="clerk", confidence=0.9, inferred_on=TODAY)
    shown = inferred_tags(ADMIN, crowd[0], today=TODAY)
    assert [(tag.title, tag.value, tag.confidence) for tag in shown] == [("职业", "职员", 0.9)]
    assert inferred_tags(Viewer(3, "guide", frozenset()), crowd[0], today=TODAY) == []
    assert handlers.inferred_copied(PersonCopy(crowd[0], ()))["inferred"][0]["is_inferred"]
    AttributeValue.objects.filter(person_id=crowd[300]).update(person_id=crowd[0])
    assert inferred_tags(ADMIN, crowd[0], today=TODAY) == []
    inferences_run(now=NOW)
    assert not InferredValue.objects.filter(person_id=crowd[0]).exists()
    AttributeValue.objects.filter(person_id__in=crowd[350:]).delete()
    assert inferences_run(now=NOW) == 0
    rule.refresh_from_db()
    assert (rule.refusal, rule.persons, rule.accuracy) == ("few", 0, None)
    inference_switch(viewer=ADMIN, attribute_code="job", is_on=False, now=NOW)
    assert not InferredValue.objects.exists()
    assert "inferred_job" not in {entry.field.name for entry in fields.fields_of(fields.Noun.CUSTOMER, ADMIN)}
