"""What customers are worth, as computed and kept: runs, one row per person, schemes and their versions, changes, tags."""

from huitou.apps.value.models.clusters import ClusterRun, PersonCluster
from huitou.apps.value.models.forecasts import HORIZON_DAYS, ForecastRun, PersonForecast
from huitou.apps.value.models.inferred import InferenceRule, InferredValue, PersonDemographic
from huitou.apps.value.models.moods import SentimentModel, TextMood
from huitou.apps.value.models.runs import RunKind, UnitCosts, ValueRun
from huitou.apps.value.models.schemes import (
    SLOTS,
    Direction,
    MonthMove,
    SchemeVersion,
    TierChange,
    TierCross,
    TierScheme,
    TierSum,
    VersionState,
)
from huitou.apps.value.models.tags import PersonTag, TagChange, TagChangePart, TagDefinition, TagKind, TagMove
from huitou.apps.value.models.values import (
    SCENARIOS,
    FormulaVersion,
    PersonValue,
    ScenarioRule,
    StageChange,
    TopList,
    TopListMember,
)

__all__ = [
    "HORIZON_DAYS",
    "SCENARIOS",
    "SLOTS",
    "ClusterRun",
    "Direction",
    "ForecastRun",
    "FormulaVersion",
    "InferenceRule",
    "InferredValue",
    "MonthMove",
    "PersonCluster",
    "PersonDemographic",
    "PersonForecast",
    "PersonTag",
    "PersonValue",
    "RunKind",
    "ScenarioRule",
    "SchemeVersion",
    "SentimentModel",
    "StageChange",
    "TagChange",
    "TagChangePart",
    "TagDefinition",
    "TagKind",
    "TagMove",
    "TextMood",
    "TierChange",
    "TierCross",
    "TierScheme",
    "TierSum",
    "TopList",
    "TopListMember",
    "UnitCosts",
    "ValueRun",
    "VersionState",
]
