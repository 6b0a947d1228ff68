"""Handler of an erasure: nothing of the person stays but closed memberships of numbers that say nothing."""

from django.db import transaction
from django.db.models import Q

from huitou.apps.base.hooks import PersonErased
from huitou.apps.identity.changes import Author, changes_write, map_lock
from huitou.apps.identity.holdings import holdings_of, holdings_told
from huitou.apps.identity.models import (
    Confirmation,
    Correction,
    Edge,
    HubValue,
    Identifier,
    ImportedPerson,
    Membership,
    PersonIdentifier,
    ReviewPair,
    SourceRecord,
)
from huitou.apps.identity.record_keys import keys_forget
from huitou.core.identity import DEFAULT_POLICY
from huitou.core.identity.changes import Change, ChangeKind, Move


@transaction.atomic
def records_erase(erased: PersonErased) -> None:
    """Empty the records, drop their identifiers and evidence, close their memberships. Running it again changes nothing."""
    map_lock()
    records = list(erased.record_ids)
    values = list(Identifier.objects.filter(record_id__in_list=records).values_list("value_hash", flat=True))
    SourceRecord.objects.filter(pk__in_list=records).update(
        fields=None,
        source_id_hash=None,
        content_hash=None,
        registered_at=None,
        store_id=None,
        erased_at=erased.at,
        filled_bits=None,
    )
    Identifier.objects.filter(record_id__in_list=records).delete()
    keys_forget(records)
    Correction.objects.filter(record_id__in_list=records).delete()
    Confirmation.objects.filter(record_id__in_list=records).delete()
    holdings_told(holdings_of([erased.person_id]))
    PersonIdentifier.objects.filter(person_id=erased.person_id).delete()
    ImportedPerson.objects.filter(person_id=erased.person_id).delete()
    orphaned = set(values) - set(Identifier.objects.filter(value_hash__in_list=values).values_list("value_hash", flat=True))
    HubValue.objects.filter(value_hash__in_list=orphaned).exclude(reason_code="blocked").delete()
    for model in (Edge, ReviewPair):
        model.objects.filter(Q(record_a__in_list=records) | Q(record_b__in_list=records)).delete()
    held = Membership.objects.filter(record_id__in_list=records, valid_to=None).order_by("record_id")
    moves = [Move(record, person, None) for record, person in held.values_list("record_id", "person_id")]
    if moves:
        author = Author(by=None, reason="", policy_version=DEFAULT_POLICY.version, now=erased.at)
        changes_write([Change(ChangeKind.ERASE, moves)], author)
