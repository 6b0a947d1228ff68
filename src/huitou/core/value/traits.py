"""
What the facts of a person say about them, as arrays: ticket, cycle, the three powers, mood (docs/algorithms/tags.md).

Every function takes shapes (n,) and gives (n,); NaN is "no answer". Each looks at one person alone, so that a touched person
is computed again without the others.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HALF_LIFE_DAYS = 30.0  # of an interaction
MOOD_HALF_LIFE_DAYS = 180.0
FRESH_HALF_LIFE_DAYS = 180.0
NEUTRAL_RATING = 3.0
CYCLE_FROM_DAYS = 3  # purchase days

INTERACTION_WEIGHTS: Mapping[str, float] = {
    "purchase": 0.20, "view": 0.15, "search": 0.10, "cart": 0.15, "pay": 0.10, "review": 0.15, "community": 0.15,
}  # fmt: skip
POTENTIAL_WEIGHTS: Mapping[str, float] = {"momentum": 0.5, "headroom": 0.3, "freshness": 0.2}


class WeightsInvalid(Exception):
    """Weights of a formula that do not sum to 1, lie outside 0..1, or name something else than the formula knows."""


def check_weights(weights: Mapping[str, float], known: Mapping[str, float]) -> None:
    """Raise WeightsInvalid naming what is wrong."""
    if set(weights) != set(known):
        raise WeightsInvalid(f"need {', '.join(known)}, got {', '.join(weights)}")
    for name, weight in weights.items():
        if not 0 <= weight <= 1:
            raise WeightsInvalid(f"{name}: {weight}")
    if round(sum(weights.values()), 9) != 1:
        raise WeightsInvalid(f"sum {sum(weights.values()):g}")


def average_ticket_fen(net_fen: Floats, orders: Floats) -> Floats:
    """Return net spend per purchase in whole fen, half up; no answer without a purchase or without anything paid net."""
    known = (orders > 0) & (net_fen > 0)
    return np.floor(_divided(net_fen, orders, known) + 0.5)


def cycle_days(first_day: Floats, last_day: Floats, purchase_days: Floats) -> Floats:
    """Return the mean whole days between purchase days, half up; no answer below three of them. Days are counted numbers."""
    return np.floor(_divided(last_day - first_day, purchase_days - 1, purchase_days >= CYCLE_FROM_DAYS) + 0.5)


def share_of(part: Floats, whole: Floats) -> Floats:
    """Return part / whole cut to 0..1; no answer when there is no whole."""
    return np.clip(_divided(part, whole, whole > 0), 0.0, 1.0)


def spending_power(frequency_score: Floats, money_score: Floats) -> Floats:
    """Return 0..100 from the scores F and M (1..5): (F + M - 2) / 8 x 100, half up; no answer without them."""
    return _whole((frequency_score + money_score - 2) / 8 * 100)


def interaction_power(days_since: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """
    Return 0..100: each thing a person did counts its weight, halved every 30 days since; what was never done counts nothing.

    days_since: by the names of INTERACTION_WEIGHTS, NaN for never.
    """
    total = np.zeros(next(iter(days_since.values())).shape)
    for name in sorted(weights):
        days = days_since[name]
        total = total + weights[name] * np.where(np.isnan(days), 0.0, 2.0 ** (-np.nan_to_num(days) / HALF_LIFE_DAYS))
    return _whole(total * 100)


def potential_power(
    net_90d_fen: Floats, net_365d_fen: Floats, money_score: Floats, days_since_first: Floats, weights: Mapping[str, float]
) -> Floats:
    """
    Return 0..100: momentum (the last 90 days, carried to a year, against the year: 0.5 is steady), headroom (a low M score
    leaves room), freshness (halved every 180 days since the first purchase). No answer without an M score.
    """
    yearly = net_90d_fen * 365 / 90
    parts = {
        "momentum": share_of(yearly, yearly + net_365d_fen),
        "headroom": 1 - (money_score - 1) / 4,
        "freshness": 2.0 ** (-days_since_first / FRESH_HALF_LIFE_DAYS),
    }
    total = np.zeros(money_score.shape)
    for name in sorted(weights):
        total = total + weights[name] * parts[name]
    return _whole(total * 100)


def mood(last_rating: Floats, days_since_review: Floats, said: Floats, days_since_said: Floats) -> Floats:
    """
    Return -1..1 from the last rating (1..5, 3 is neutral) and what texts said (-1..1); no answer without either.

    Each weighs 2^(-days / 180); their mean is then faded by the weight of the newer one, so mood ages to nothing.
    """
    rated = (last_rating - NEUTRAL_RATING) / 2
    weights = []
    total = np.zeros(np.shape(last_rating))
    for score, days in ((rated, days_since_review), (said, days_since_said)):
        weight = np.where(np.isnan(score) | np.isnan(days), 0.0, 2.0 ** (-np.nan_to_num(days) / MOOD_HALF_LIFE_DAYS))
        total = total + weight * np.nan_to_num(score)
        weights.append(weight)
    together, newer = weights[0] + weights[1], np.maximum(weights[0], weights[1])
    return _divided(total, together, together > 0) * newer


def said_together(scores: Floats, days: Floats, persons: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """
    Return the persons in rising id, the mean score of each one's texts (half the weight every 180 days) and the newest day.

    scores: -1..1, without NaN; days: counted numbers. Shapes (n,); the day of asking does not change the mean.
    """
    who, place = np.unique(persons, return_inverse=True)
    newest = np.full(who.size, -np.inf)
    np.maximum.at(newest, place, days)
    weights = 2.0 ** ((days - newest[place]) / MOOD_HALF_LIFE_DAYS)
    total = np.bincount(place, weights=weights * scores, minlength=who.size)
    return who, total / np.bincount(place, weights=weights, minlength=who.size), newest


def _divided(part: Floats, whole: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    found = np.full(np.shape(part), np.nan)
    np.divide(part, whole, out=found, where=known)
    return found


def _whole(values: Floats) -> Floats:
    """Round half up to whole points, so that a stored score is the computed one."""
    rounded: Floats = np.floor(values + 0.5)
    return rounded
