"""
One run over people: scores, stage, tiers and computed tags from facts and cuts, all of it person by person.

What depends on everybody (cut values, edges of tiers, the chain's habits) is drawn first by `cuts_drawn` and kept with the
run; `scored` then looks at one person at a time. So scoring a few touched persons gives what scoring everybody would.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from huitou.core.consent import CHANNELS
from huitou.core.value import traits
from huitou.core.value.contacts import Answered, answered_by, preferred
from huitou.core.value.inputs import GIVEN
from huitou.core.value.lifecycle import Stage, stages
from huitou.core.value.placing import Edges, Ints, People, edges_cut, places
from huitou.core.value.rfm import BINS, Cuts, Purchases, rfm, scores_by_cuts
from huitou.core.value.scheme import Recut, Scheme
from huitou.core.value.tiers import Places

Floats = npt.NDArray[np.float64]

STAGES = (Stage.NEW, Stage.ACTIVE, Stage.DORMANT)
DID = ("view", "search", "cart", "pay", "review", "community")
HOUR_PRIOR_PURCHASES = 5
CONTACT_HOURS = tuple(range(9, 21))  # the rest of the day is quiet
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What is known of people, one entry per person in rising id. columns: warehouse facts by name, `clv_12m_fen`, `best_hour`
    (packed, see `hour_of`), `<did>_day` for DID, `touches_<channel>` and `answers_<channel>`, `last_rating`, `text_score` with
    `text_day`, and the given inputs; NaN: none. Days count from 1970-01-01.
    """

    person_ids: Ints
    columns: Mapping[str, Floats]

    def get(self, name: str) -> Floats:
        """Return a column; one that nobody has is all NaN."""
        found = self.columns.get(name)
        return np.full(self.person_ids.size, np.nan) if found is None else found


@dataclass(frozen=True, slots=True)
class Rules:
    """What a run scores by: the schemes and the weights of the formulas that people may edit."""

    schemes: Sequence[Scheme]
    interaction: Mapping[str, float] = field(default_factory=lambda: traits.INTERACTION_WEIGHTS)
    potential: Mapping[str, float] = field(default_factory=lambda: traits.POTENTIAL_WEIGHTS)

    @property
    def custom_inputs(self) -> frozenset[str]:
        """The inputs of all schemes that a chain defined itself."""
        return frozenset().union(*(scheme.custom_inputs for scheme in self.schemes))


@dataclass(frozen=True, slots=True)
class RunCuts:
    """
    What was drawn over everybody. rfm: None when nobody bought. edges: by scheme code; month: the business month that the
    edges of a monthly scheme belong to. hour_weights: the chain's hours, shape (24,), in millionths of a purchase. answered: who
    answers on which channel, by stage; runs before it was kept have none.
    """

    as_of: date
    rfm: Cuts | None
    edges: Mapping[str, Edges]
    month: str
    hour_weights: tuple[int, ...] = ()
    answered: Answered = field(default_factory=Answered)

    def to_json(self) -> dict[str, Any]:
        scores = None
        if self.rfm is not None:
            scores = {"recency_days": self.rfm.recency_days, "orders": self.rfm.orders, "net_fen": self.rfm.net_fen}
        return {
            "as_of": self.as_of.isoformat(),
            "rfm": scores,
            "edges": {code: edges.to_json() for code, edges in self.edges.items()},
            "month": self.month,
            "hour_weights": list(self.hour_weights),
            "answered": self.answered.segments,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "RunCuts":
        scores = stored["rfm"]
        return cls(
            as_of=date.fromisoformat(stored["as_of"]),
            rfm=None if scores is None else Cuts(*(tuple(scores[name]) for name in ("recency_days", "orders", "net_fen"))),
            edges={code: Edges.from_json(edges) for code, edges in stored["edges"].items()},
            month=stored["month"],
            hour_weights=tuple(stored["hour_weights"]),
            answered=Answered(tuple(tuple((one[0], one[1]) for one in line) for line in stored.get("answered", ()))),
        )


def purchases_of(facts: Facts, *, as_of: date) -> Purchases:
    """Return the buyers of the last 365 days for scoring: an order in them and something paid net."""
    buys = is_buyer(facts)
    recency = np.maximum(_day(as_of) - facts.get("last_day")[buys], 0).astype(np.int64)
    orders, net = (facts.get(name)[buys].astype(np.int64) for name in ("orders_365d", "net_365d_fen"))
    return Purchases(facts.person_ids[buys], recency, orders, net)


def is_buyer(facts: Facts) -> npt.NDArray[np.bool_]:
    """Return who is scored at all."""
    buys: npt.NDArray[np.bool_] = (facts.get("orders_365d") > 0) & (facts.get("net_365d_fen") > 0)
    return buys


def cuts_drawn(
    facts: Facts, rules: Rules, *, as_of: date, month: str, hours: Sequence[int] = (), before: RunCuts | None = None
) -> RunCuts:
    """
    Draw everything over everybody. month: of the day the run is made for; before: the run before, whose edges a monthly
    scheme keeps within the month (a scheme that is new or was changed is not in it). hours: purchases by hour of day.
    """
    ranked = rfm(purchases_of(facts, as_of=as_of), as_of=as_of)
    first = RunCuts(
        as_of=as_of,
        rfm=None if ranked is None else ranked.cuts,
        edges={},
        month=month,
        hour_weights=_hour_weights(hours),
        answered=answered_by(*_contacts(facts), _stage_places(facts, as_of).astype(np.int64), count=len(STAGES)),
    )
    people = people_of(facts, rules, first)
    edges = {}
    for scheme in rules.schemes:
        kept = before.edges.get(scheme.code) if before is not None and before.month == month else None
        edges[scheme.code] = kept if kept is not None and scheme.recut is Recut.MONTHLY else edges_cut(scheme, people)
    return RunCuts(as_of, first.rfm, edges, month, first.hour_weights, first.answered)


def people_of(facts: Facts, rules: Rules, cuts: RunCuts) -> People:
    """Return everybody with every input that a scheme may ask for."""
    revenue = np.nan_to_num(facts.get("net_365d_fen")).astype(np.int64)
    return People(facts.person_ids, revenue, inputs_of(facts, rules, cuts))


def inputs_of(facts: Facts, rules: Rules, cuts: RunCuts) -> dict[str, Floats]:
    """Return `inputs.INPUTS` and what the schemes ask besides, computed person by person from facts and the cuts of the run."""
    today = _day(cuts.as_of)
    r, f, m = rfm_scores(facts, cuts)
    since = {name: np.maximum(today - facts.get(f"{name}_day"), 0) for name in ("first", "last", "text", *DID)}
    net, orders = facts.get("net_fen"), facts.get("orders_count")
    plain = ("clv_12m_fen", "net_365d_fen", "net_fen", "orders_365d", "orders_count", "price_sensitivity", "last_rating")
    return {
        **{name: facts.get(name) for name in plain},
        "rfm_total": r + f + m,
        "average_ticket_fen": traits.average_ticket_fen(net, orders),
        "cycle_days": traits.cycle_days(facts.get("first_day"), facts.get("last_day"), facts.get("order_days")),
        "days_since_purchase": since["last"],
        "days_since_first": since["first"],
        "days_since_view": since["view"],
        "days_since_review": since["review"],
        "top_category_share": np.floor(traits.share_of(facts.get("top_category_fen"), net) * 100 + 0.5),
        "spending_power": traits.spending_power(f, m),
        "interaction_power": traits.interaction_power(
            {"purchase": since["last"], **{name: since[name] for name in DID}}, rules.interaction
        ),
        "potential_power": traits.potential_power(
            facts.get("net_90d_fen"), facts.get("net_365d_fen"), m, since["first"], rules.potential
        ),
        "mood": traits.mood(facts.get("last_rating"), since["review"], facts.get("text_score"), since["text"]),
        **{name: facts.get(name) for name in GIVEN | rules.custom_inputs},
    }


def rfm_scores(facts: Facts, cuts: RunCuts) -> tuple[Floats, Floats, Floats]:
    """Return R, F and M by the cuts of the run; NaN for who is no buyer of the window."""
    found = tuple(np.full(facts.person_ids.size, np.nan) for _ in range(3))
    if cuts.rfm is None:
        return found[0], found[1], found[2]
    buys = is_buyer(facts)
    table = purchases_of(facts, as_of=cuts.as_of)
    found[0][buys] = scores_by_cuts(table.recency_days, cuts.rfm.recency_days, high_is_good=False)
    found[1][buys] = scores_by_cuts(table.orders, cuts.rfm.orders)
    found[2][buys] = scores_by_cuts(table.net_fen, cuts.rfm.net_fen)
    return found[0], found[1], found[2]


def scored(
    facts: Facts, rules: Rules, cuts: RunCuts, *, before: Mapping[str, Places] | None = None
) -> tuple[dict[str, Floats], dict[str, Places]]:
    """
    Return the stored columns by name (NaN: no answer; `stage` and `preferred_channel` as places in STAGES and CHANNELS), and
    the place of everybody by scheme code.

    before: the places of the last full run by scheme code, for schemes that look back.
    """
    people = people_of(facts, rules, cuts)
    r, f, m = rfm_scores(facts, cuts)
    inputs = people.inputs
    orders = facts.get("orders_count")
    stage = _stage_places(facts, cuts.as_of)
    columns = {
        "store_id": facts.get("main_store_id"),
        "r": r,
        "f": f,
        "m": m,
        "rfm_total": inputs["rfm_total"],
        "net_365d_fen": facts.get("net_365d_fen"),
        "clv_12m_fen": facts.get("clv_12m_fen"),
        "stage": stage,
        **{
            name: inputs[name]
            for name in (
                "average_ticket_fen", "cycle_days", "spending_power", "interaction_power", "potential_power", "mood",
            )
        },
        "mood_points": np.floor(inputs["mood"] * 100 + 0.5),
        "discount_share": traits.share_of(facts.get("discounted_lines"), facts.get("lines_count")),
        "online_share": traits.share_of(facts.get("online_orders"), orders),
        "top_category_share": traits.share_of(facts.get("top_category_fen"), facts.get("net_fen")),
        "basket_milli": np.floor(np.divide(facts.get("items_milli"), orders, out=_nothing(facts), where=orders > 0) + 0.5),
        "preferred_channel": preferred(*_contacts(facts), stage.astype(np.int64), cuts.answered),
        "preferred_hour": hour_of(facts.get("best_hour"), cuts.hour_weights),
        **{name: values for name, values in facts.columns.items() if name.startswith("scenario_")},
    }  # fmt: skip
    found = {
        scheme.code: places(scheme, people, cuts.edges[scheme.code], before=None if before is None else before.get(scheme.code))
        for scheme in rules.schemes
    }
    return columns, found


def hour_of(best: Floats, weights: Sequence[int]) -> Floats:
    """
    Return the hour (0..23) of a person's greatest count + chain's weight; without a purchase in contact hours the chain's own.

    best: packed as (millionths of a purchase) x 100 + 23 - hour, NaN without one. NaN for all while nobody bought anything.
    """
    if not weights:
        return np.full(best.shape, np.nan)
    chain = max(weights[hour] * 100 + 23 - hour for hour in CONTACT_HOURS)
    packed = np.fmax(best, chain)
    return 23 - np.mod(packed, 100)


def best_share_score(cuts: Sequence[int | None], score: int) -> int | None:
    """Return the worst value that earns `score` (2..5) or more by a run's cuts; None where no value does."""
    return next((cut for cut in cuts[score - 2 : BINS - 1] if cut is not None), None)


def _hour_weights(hours: Sequence[int]) -> tuple[int, ...]:
    total = sum(hours)
    if not total:
        return ()
    return tuple(HOUR_PRIOR_PURCHASES * count * 1_000_000 // total for count in hours)


def _stage_places(facts: Facts, as_of: date) -> Floats:
    codes = stages(_dates(facts.get("first_day")), _dates(facts.get("last_day")), as_of=as_of)
    return np.select([codes == stage.value for stage in STAGES[:-1]], list(range(len(STAGES) - 1)), len(STAGES) - 1).astype(float)


def _contacts(facts: Facts) -> tuple[Floats, Floats]:
    """Return touches and answers by channel, 0 where there are none; shapes (n, channels)."""
    touches, answers = (
        np.nan_to_num(np.stack([facts.get(f"{kind}_{channel}") for channel in CHANNELS], axis=1))
        for kind in ("touches", "answers")
    )
    return touches, answers


def _dates(days: Floats) -> npt.NDArray[np.datetime64]:
    whole = np.where(np.isnan(days), np.iinfo(np.int64).min, np.nan_to_num(days)).astype(np.int64)
    return whole.astype("datetime64[D]")


def _nothing(facts: Facts) -> Floats:
    return np.full(facts.person_ids.size, np.nan)


def _day(day: date) -> int:
    return (day - _EPOCH).days
