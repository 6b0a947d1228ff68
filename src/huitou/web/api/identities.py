"""Identities: which records a person consists of, why, and putting that right by hand."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router
from ninja.responses import Status

from huitou.apps.base.clock import utc_now
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.identity import services
from huitou.apps.identity.evidence import Link
from huitou.apps.identity.queries import source_records, why
from huitou.apps.intake.sources import SourceUnknown
from huitou.web.api.access import Caller, Guard, SignedGuard
from huitou.web.api.once import once
from huitou.web.api.problems import Problem
from huitou.web.api.schemas.identities import (
    ChangeOut,
    IdentityOut,
    LinkOut,
    MergeIn,
    RecordOut,
    SplitIn,
    TellIn,
    ToldOut,
    WhyOut,
)
from huitou.web.api.shared import answers, caller_of

router = Router(tags=["identities"])
PersonId = Annotated[int, Path(ge=1, le=2**53 - 1)]
RecordId = Annotated[int, Query(ge=1, le=2**53 - 1)]


@router.get("/identities/why", response=answers(WhyOut), auth=Guard("identity_why"), url_name="identity_why")
def identity_why(request: HttpRequest, record_a: RecordId, record_b: RecordId) -> WhyOut:
    """Return the chain of shared values that makes two records one person."""
    links = why(caller_of(request).viewer, record_a, record_b)
    if links is None:
        raise Problem(404, "these records are not one person in reach")
    return WhyOut(links=[_link(link) for link in links])


@router.post("/identities/tell", response=answers(ToldOut), auth=SignedGuard("identity_tell"), url_name="identity_tell")
def identity_tell(request: HttpRequest, body: TellIn) -> Status[Any]:
    """
    Tell of one customer and hear at once whose record it is: joined, new or queued. Its batch follows within a minute and finds
    the record under the same id; the same call again changes nothing. The evidence, which names records of other systems, is told
    to a key whose owner reaches the person; a source that signs reaches nobody.
    """
    caller = caller_of(request)

    def call() -> tuple[int, Any]:
        item = body.model_dump(mode="json", exclude_none=True, exclude={"source"})
        try:
            told = services.customer_tell(source_code=body.source, item=item, now=utc_now())
        except SourceUnknown as error:
            raise Problem(404, str(error)) from error
        except services.CannotTell as error:
            raise Problem(422, str(error)) from error
        is_reached = persons_in_reach(caller.viewer).filter(pk=told.person_id).exists()
        return 200, {
            "record_id": told.record_id, "person_id": told.person_id, "outcome": told.outcome.value,
            "links": [_link(link).model_dump() for link in told.evidence] if is_reached else [],
            "question_ids": list(told.question_ids) if is_reached else [],
        }  # fmt: skip

    return once(request, caller, "identity_tell", call, body=request.body)


@router.post("/identities/merge", response=answers(ChangeOut), auth=Guard("identity_merge"), url_name="identity_merge")
def identity_merge(request: HttpRequest, body: MergeIn) -> Status[Any]:
    """Say that two persons are one; send an Idempotency-Key. The word is kept in every later run of the matcher."""
    caller = caller_of(request)
    _in_reach(caller, body.person_id, body.other_id)

    def call() -> tuple[int, Any]:
        try:
            event = services.person_merge(
                person_id=body.person_id, other_id=body.other_id, by=caller.user.pk, reason=body.reason, now=utc_now()
            )
        except services.IdentityRefused as error:
            raise Problem(409, str(error)) from error
        return 200, {"event_id": event.pk, "kind": event.kind_code}

    return once(request, caller, "identity_merge", call, body=request.body)


@router.get("/identities/{person_id}", response=answers(IdentityOut), auth=Guard("identity_get"), url_name="identity_get")
def identity_get(request: HttpRequest, person_id: PersonId) -> IdentityOut:
    """Return the source records of a person and what ties them."""
    records = source_records(caller_of(request).viewer, person_id)
    if not records:
        raise Problem(404, "there is no such person in reach")
    links = sorted({link for record in records for link in record.joined_by}, key=lambda link: (link.record_a, link.record_b))
    return IdentityOut(
        person_id=person_id,
        records=[
            RecordOut(
                record_id=record.record_id, source=record.source_code, source_id=record.source_id,
                received_at=record.received_at, store_id=record.store_id, fields=dict(record.fields),
            )
            for record in records
        ],
        links=[_link(link) for link in links],
    )  # fmt: skip


@router.post(
    "/identities/{person_id}/split", response=answers(ChangeOut), auth=Guard("identity_split"), url_name="identity_split"
)
def identity_split(request: HttpRequest, person_id: PersonId, body: SplitIn) -> Status[Any]:
    """Say that some records of a person are somebody else's; send an Idempotency-Key."""
    caller = caller_of(request)
    _in_reach(caller, person_id)

    def call() -> tuple[int, Any]:
        try:
            event = services.person_split(
                person_id=person_id, record_ids=body.record_ids, by=caller.user.pk, reason=body.reason, now=utc_now()
            )
        except services.IdentityRefused as error:
            raise Problem(409, str(error)) from error
        return 200, {"event_id": event.pk, "kind": event.kind_code}

    return once(request, caller, f"split:{person_id}", call, body=request.body)


def _in_reach(caller: Caller, *person_ids: int) -> None:
    """Authorise before any write: every person named must be in reach."""
    if persons_in_reach(caller.viewer).filter(pk__in=person_ids).count() != len(set(person_ids)):
        raise Problem(404, "there is no such person in reach")


def _link(link: Link) -> LinkOut:
    return LinkOut(record_a=link.record_a, record_b=link.record_b, kind=link.kind_code, evidence=link.evidence_code)
