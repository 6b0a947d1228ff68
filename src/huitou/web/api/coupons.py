"""Coupons at the till and in the mall: give some, use one, give it back. What one channel wrote the other reads at once."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn

from django.http import HttpRequest
from ninja import Path, Router
from ninja.responses import Status

from huitou.apps.base import seen
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits import services
from huitou.apps.benefits.models import Coupon, IssueRun, Occasion
from huitou.apps.benefits.queries import issuable_kinds, issue_run
from huitou.apps.benefits.services import Redemption, Sale
from huitou.apps.identity.queries import person_known_by
from huitou.apps.products.queries import product_ids_of, products_by_id, stores_in_reach
from huitou.core.benefits.coupons import Basket, CouponRefused, Line
from huitou.core.labels import Refusal
from huitou.core.periods import business_date
from huitou.web.api.access import Guard
from huitou.web.api.once import once
from huitou.web.api.problems import Problem, refused
from huitou.web.api.schemas.coupons import (
    BasketLineIn,
    IssuedListOut,
    IssuedOut,
    IssueIn,
    RedeemIn,
    RedemptionOut,
    ReturnIn,
    RunIn,
    RunOut,
)
from huitou.web.api.schemas.customers import StandingIn
from huitou.web.api.shared import answers, caller_of

router = Router(tags=["coupons"])
RunId = Annotated[int, Path(ge=1, le=2**53 - 1)]


@router.post("/coupons/issue", response=answers(IssuedListOut, status=201), auth=Guard("coupon_issue"), url_name="coupon_issue")
def coupon_issue(request: HttpRequest, body: IssueIn) -> Status[Any]:
    """Give a customer what the occasion is for; the same key again gives the same coupons. 409 says why nothing is issued."""
    caller = caller_of(request)

    def call() -> tuple[int, Any]:
        person_id = _person_id(caller.viewer, body.customer)
        now = utc_now()
        kind_id = _kind_id(body.kind, now)
        try:
            issued = services.coupons_give(
                viewer=caller.viewer, person_id=person_id, kind_id=kind_id, issue_key=f"{caller.name}:{body.key}",
                occasion=Occasion(body.occasion), now=now,
            )  # fmt: skip
        except services.IssueRefused as error:
            _refuse(request, error, error.reason, "kind")
        return 201, IssuedListOut(coupons=[_issued_out(one) for one in issued]).model_dump(mode="json")

    return once(request, caller, "coupon_issue", call, body=request.body)


@router.post("/coupons/runs", response=answers(RunOut, status=202), auth=Guard("coupon_run_post"), url_name="coupon_run_post")
def coupon_run_post(request: HttpRequest, body: RunIn) -> Status[Any]:
    """Give the members of a segment coupons, as a job; those kept out of marketing are counted and get none."""
    caller = caller_of(request)

    def call() -> tuple[int, Any]:
        now = utc_now()
        try:
            run = services.run_begin(
                viewer=caller.viewer, kind_id=_kind_id(body.kind, now), segment_id=body.segment_id,
                occasion=Occasion(body.occasion), run_key=f"{caller.name}:{body.key}", now=now,
            )  # fmt: skip
        except services.IssueRefused as error:
            _refuse(request, error, error.reason, "segment_id" if error.reason == "segment" else "kind")
        return 202, _run_out(run).model_dump(mode="json")

    return once(request, caller, "coupon_run_post", call, body=request.body)


@router.get("/coupons/runs/{run_id}", response=answers(RunOut), auth=Guard("coupon_run_get"), url_name="coupon_run_get")
def coupon_run_get(request: HttpRequest, run_id: RunId) -> RunOut:
    """Return how far a run is and what came of it."""
    run = issue_run(run_id)
    if run is None:
        raise Problem(404, "there is no such run")
    return _run_out(run)


@router.post("/coupons/redeem", response=answers(RedemptionOut), auth=Guard("coupon_redeem"), url_name="coupon_redeem")
def coupon_redeem(request: HttpRequest, body: RedeemIn) -> Status[Any]:
    """Use one coupon of a customer for one order; the same order again gets the first answer. 409 says why it is not taken."""
    caller = caller_of(request)

    def call() -> tuple[int, Any]:
        viewer = caller.viewer
        sale = Sale(body.order, body.channel, _store_id(viewer, body.store), Basket(body.amount_fen, _lines(body.lines)))
        person_id = _person_id(viewer, body.customer)
        return _answer(
            request,
            body.code,
            lambda: services.coupon_redeem(viewer=viewer, person_id=person_id, code=body.code, sale=sale, now=utc_now()),
        )

    return once(request, caller, "coupon_redeem", call, body=request.body)


@router.post("/coupons/return", response=answers(RedemptionOut), auth=Guard("coupon_return"), url_name="coupon_return")
def coupon_return(request: HttpRequest, body: ReturnIn) -> Status[Any]:
    """Give a coupon back that was used for an order; its time goes on as before. The same again changes nothing."""
    caller = caller_of(request)

    def call() -> tuple[int, Any]:
        return _answer(
            request,
            body.code,
            lambda: services.coupon_return(viewer=caller.viewer, code=body.code, order_no=body.order, now=utc_now()),
        )

    return once(request, caller, "coupon_return", call, body=request.body)


def _answer(request: HttpRequest, code: str, act: Callable[[], Redemption]) -> tuple[int, Any]:
    try:
        done = act()
    except CouponRefused as error:
        _refuse(request, error, error.reason.value, "code")
    told = RedemptionOut(
        code=code, order=done.order_no, redemption=done.redemption_no, off_fen=done.off_fen, at=done.at, is_repeat=done.is_repeat
    )
    return 200, told.model_dump(mode="json")


def _kind_id(code: str, now: datetime) -> int:
    found = {one.code: one.pk for one in issuable_kinds(today=business_date(now))}.get(code)
    if found is None:
        raise Problem(422, "no kind issued today has this code", errors=[{"place": "kind", "problem": "unknown"}])
    return found


def _run_out(run: IssueRun) -> RunOut:
    return RunOut(
        id=run.pk, asked=run.asked, issued=run.issued, held=run.held, kept_out=run.kept_out, unfit=run.unfit, gone=run.gone,
        waiting=run.waiting, stopped=run.stopped_code, ended_at=run.ended_at,
    )  # fmt: skip


def _issued_out(coupon: Coupon) -> IssuedOut:
    return IssuedOut(
        code=coupon.code or "", category_id=coupon.category_id, usable_from=coupon.usable_from.astimezone(UTC),
        expires_at=coupon.expires_at.astimezone(UTC),
    )  # fmt: skip


def _person_id(viewer: Viewer, customer: StandingIn) -> int:
    person_id = person_known_by(viewer, customer.kind, customer.value)
    if person_id is None:
        raise Problem(404, "nobody in reach is known by this alone")
    seen.note(person_id)
    return person_id


def _refuse(request: HttpRequest, error: Refusal, reason: str, place: str) -> NoReturn:
    """The `sentence` beside the reason is for the customer at the till."""
    raise refused(request, 409, error, errors=[{"place": place, "problem": reason, "sentence": str(error)}]) from error


def _store_id(viewer: Viewer, code: str) -> int | None:
    if not code:
        return None
    store_id = stores_in_reach(viewer=viewer).filter(code=code).values_list("pk", flat=True).first()
    if store_id is None:
        raise Problem(422, "no store in reach has this code", errors=[{"place": "store", "problem": "unknown"}])
    return store_id


def _lines(lines: list[BasketLineIn] | None) -> tuple[Line, ...] | None:
    """An article that nobody knows belongs to no category: it counts for coupons of everything only."""
    if lines is None:
        return None
    ids = product_ids_of([line.product for line in lines])
    cards = products_by_id(ids.values())
    categories = {code: cards[pk].category_id for code, pk in ids.items()}
    return tuple(Line(categories.get(line.product), line.amount_fen) for line in lines)
