"""Reads of the value app; every one for a screen takes the viewer and is cut to the viewer's reach."""

from huitou.apps.value.moods import model_in_force as sentiment_in_force
from huitou.apps.value.queries.channels import PersonChannel, person_channel
from huitou.apps.value.queries.churn import Reasons, churn_reasons
from huitou.apps.value.queries.designs import Design, SchemeLine, design_of, scheme_lines, schemes_to_decide, version_at
from huitou.apps.value.queries.dictionary import TagLine, tag_dictionary
from huitou.apps.value.queries.forecasts import (
    forecast_horizons,
    forecast_runs,
    person_forecast,
    published_forecast,
    values_are_forecast,
)
from huitou.apps.value.queries.given import (
    GivenTag,
    InferenceLine,
    InferredTag,
    given_tag_names,
    given_tags,
    inference_lines,
    inferred_tags,
    person_demographic,
    tag_change,
    tag_change_stopped,
    tag_changes,
    tags_on_offer,
)
from huitou.apps.value.queries.habits import habits_of_everybody
from huitou.apps.value.queries.moods import MoodText, mood_texts
from huitou.apps.value.queries.moves import TierMoves, tier_moves
from huitou.apps.value.queries.overview import (
    Crossed,
    ListOverlap,
    SchemeSums,
    TierSums,
    cross_tab,
    high_by_store,
    last_run,
    last_run_id,
    run_since,
    scheme_means,
    scheme_sums,
    tier_ends,
    top_list_overlap,
    top_lists,
)
from huitou.apps.value.queries.paths import CountedPaths, counted_paths, first_paths, motives, person_path
from huitou.apps.value.queries.person import (
    PersonTier,
    PersonWorth,
    Standing,
    person_value,
    standing_of,
    tier_on,
    tiers_in,
)
from huitou.apps.value.queries.serving import Contacts, TierServing, scheme_serving, tier_contacts, unit_costs, unit_costs_newest

__all__ = [
    "Contacts", "CountedPaths", "Crossed", "Design", "GivenTag", "InferenceLine", "InferredTag", "ListOverlap",
    "MoodText", "PersonChannel", "PersonTier", "PersonWorth", "Reasons", "SchemeLine", "SchemeSums", "Standing",
    "TagLine", "TierMoves", "TierServing", "TierSums", "churn_reasons", "counted_paths", "cross_tab", "design_of", "first_paths",
    "forecast_horizons", "forecast_runs", "given_tag_names", "given_tags", "habits_of_everybody", "high_by_store",
    "inference_lines", "inferred_tags", "last_run", "last_run_id", "mood_texts", "motives", "person_channel",
    "person_demographic", "person_forecast", "person_path", "person_value", "published_forecast", "run_since", "scheme_lines",
    "scheme_means", "scheme_serving", "scheme_sums", "schemes_to_decide", "sentiment_in_force", "standing_of",
    "tag_change", "tag_change_stopped", "tag_changes", "tag_dictionary", "tags_on_offer", "tier_contacts", "tier_ends",
    "tier_moves", "tier_on", "tiers_in", "top_list_overlap", "top_lists", "unit_costs", "unit_costs_newest",
    "values_are_forecast", "version_at",
]  # fmt: skip
