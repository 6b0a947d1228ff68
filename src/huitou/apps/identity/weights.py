"""The weights of the matcher: kept between runs, and told level by level for the eye."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING

from django.db import transaction

from huitou.apps.base.bulk import sql_run
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.models import MatcherModel
from huitou.core.identity import Resolution

if TYPE_CHECKING:
    from huitou.core.identity.match.model import Model

LEAST_DECISIONS = 50  # of either verdict; fewer say more of who decided than of the data
_NEWEST = f"select id, length(content) from {MatcherModel._meta.db_table} order by id desc limit 1"  # noqa: S608
_SURE = 1e-4  # a probability is never taken for certain


def model_context() -> str:
    """Return what the kept weights are sealed with: name frequencies may tell of a person."""
    return "identity.model"


@transaction.atomic
def model_keep(resolution: Resolution, now: datetime) -> None:
    """Keep the weights of a run over everything in place of the last; the built-in ones need no keeping."""
    from huitou.core.identity.match.model import BUILT_IN

    MatcherModel.objects.all().delete()
    if not resolution.model.records and resolution.model.weights == BUILT_IN.weights:
        return
    MatcherModel.objects.create(
        content=keyring().encrypt(resolution.model.to_json().encode(), context=model_context()),
        policy_version=resolution.policy_version,
        records=resolution.model.records,
        fitted_at=now,
    )


def model_corrected(
    resolution: Resolution, same: Sequence[tuple[int, int]], different: Sequence[tuple[int, int]]
) -> "Model | None":
    """
    Return the weights of a run corrected by what people decided about pairs of records; None below LEAST_DECISIONS of a kind.

    Decisions about records that are not there any more do not count.
    """
    present = set(resolution.entities.column("record_id").to_pylist()) if same and different else set()
    known = [[pair for pair in pairs if present.issuperset(pair)] for pairs in (same, different)]
    if min(map(len, known)) < LEAST_DECISIONS:
        return None
    return resolution.learned([(*pair, verdict) for pairs, verdict in zip(known, (True, False), strict=True) for pair in pairs])


def model_kept(policy_version: str) -> "Model | None":
    """Return the weights of the last run over everything; None before one, and after a release that compares otherwise."""
    newest = sql_run(_NEWEST)  # what stands behind the weights in a row is read through all of them
    return _model_read(*newest[0], policy_version) if newest else None


@lru_cache(maxsize=1)
def _model_read(pk: int, length: int, policy_version: str) -> "Model | None":
    from huitou.core.identity.match.model import Model

    kept = MatcherModel.objects.filter(pk=pk, policy_version=policy_version).first()
    if kept is None:
        return None
    try:
        model = Model.from_json(keyring().decrypt(bytes(kept.content), context=model_context()).decode())
        model.table()
    except (ValueError, KeyError):
        return None
    return model


def log_odds(probability: float | None) -> float | None:
    """Return the log odds of a probability; None stays None, and nothing is taken for certain."""
    if probability is None:
        return None
    share = min(max(probability, _SURE), 1 - _SURE)
    return log(share / (1 - share))


def weighted_levels(levels: str, score: float | None, model: "Model") -> str:
    """
    Return "phone=equal_2:+2.5;name=other:-4.5;prior:-1.0" for the matcher's "name=other phone=equal_2": the weights add up to
    the score (log odds); what the levels alone do not explain (prior, how common a name is) stands last.
    """
    from huitou.core.identity.match.levels import FIELDS

    places = {field.name: field.levels for field in FIELDS}
    parts, told = [], 0.0
    for part in levels.split():
        name, _, level = part.partition("=")
        weight = model.weights[name][places[name].index(level)]
        told += weight
        parts.append((weight, f"{name}={level}:{weight:+.1f}"))
    if score is not None:
        parts.append((-1e9, f"prior:{score - told:+.1f}"))
    return ";".join(text for _, text in sorted(parts, key=lambda item: -item[0]))
