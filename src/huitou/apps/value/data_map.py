"""What the tables of values hold: figures about persons by opaque id, and the rules they follow."""

from huitou.apps.base.classified import Keep, Purpose, Table
from huitou.apps.value import stored

TABLES = (
    Table(
        "value.PersonValue", Purpose.ANALYSIS, Keep.PERSON,
        sensitive=" ".join(stored.COLUMNS), general="person_id run_id first_run_id",
    ),
    Table(
        "value.ClusterRun", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id value_run_id as_of refusal persons k silhouettes groups means computed_at",
    ),
    Table("value.PersonCluster", Purpose.ANALYSIS, Keep.PERSON, sensitive="code", general="person_id"),
    Table(
        "value.SentimentModel", Purpose.ANALYSIS, Keep.BUSINESS,
        sensitive="content", general="id source_code texts accuracy baseline error trained_at retired_at",
    ),
    Table(
        "value.TextMood", Purpose.ANALYSIS, Keep.PERSON,
        sensitive="score", general="id kind_code text_id version_at model_id",
    ),
    Table(
        "value.TierChange", Purpose.ANALYSIS, Keep.PERSON,
        sensitive="from_code to_code", general="id person_id scheme_id scheme_version run_id changed_on",
    ),
    Table(
        "value.MonthMove", Purpose.ANALYSIS, Keep.REPLACED,
        sensitive="direction from_code to_code", general="id person_id scheme_id",
    ),
    Table(
        "value.StageChange", Purpose.ANALYSIS, Keep.PERSON,
        sensitive="from_stage to_stage", general="id person_id run_id changed_on",
    ),
    Table(
        "value.TopList", Purpose.ANALYSIS, Keep.BUSINESS, general="id month share buyers members run_id frozen_at",
    ),
    Table(
        "value.TopListMember", Purpose.ANALYSIS, Keep.BUSINESS,
        sensitive="rfm_total net_365d_fen", general="id top_list_id rank person_id",
    ),
    Table(
        "value.TierCross", Purpose.ANALYSIS, Keep.REPLACED,
        general="id down_id across_id down_number across_number as_of counted_at rows",
    ),
    Table(
        "value.TierSum", Purpose.ANALYSIS, Keep.REPLACED, general="id scheme_id store_id tier_code persons net_fen",
    ),
    Table("value.UnitCosts", Purpose.ANALYSIS, Keep.BUSINESS, general="id costs saved_at by"),
    Table(
        "value.TierScheme", Purpose.ANALYSIS, Keep.BUSINESS, general="id code slot position created_at",
    ),
    Table(
        "value.SchemeVersion", Purpose.ANALYSIS, Keep.BUSINESS,
        sensitive="what_if",  # it names who moves
        general="id scheme_id number state table note author_id asked_by asked_at decided_by returned_by created_at "
        "changed_at published_at retired_at",
    ),
    Table(
        "value.PersonForecast", Purpose.ANALYSIS, Keep.PERSON,
        sensitive="purchases low high value_fen alive buys_30d lapses_90d cycle_days next_date next_low next_high next_reason",
        general="person_id run_id",
    ),
    Table(
        "value.ForecastRun", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id base_number version as_of horizon_days refusal told blend backtest chances persons purchases value_fen "
        "seconds started_at ended_at",
    ),
    Table(
        "value.ValueRun", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id kind_code version base_number tail_number as_of cuts_of_id window_days cuts "
        "events_to rules persons written deleted "
        "tier_changes coverage means reasons motives contacts overlaps moves paths seconds started_at ended_at",
    ),
    Table(
        "value.ScenarioRule", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id code name slot number paths hours orders days changed_at author_id",
    ),
    Table(
        "value.FormulaVersion", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id code number weights author_id published_at retired_at",
    ),
    Table(
        "value.PersonDemographic", Purpose.ANALYSIS, Keep.PERSON,
        sensitive="born_month gender_code", general="person_id read_at",
    ),
    Table(
        "value.InferenceRule", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id attribute_code is_on least_confidence switched_by switched_at refusal accuracy baseline learnt persons "
        "computed_at",
    ),
    Table(
        "value.InferredValue", Purpose.ANALYSIS, Keep.REPLACED,
        sensitive="value_code confidence", general="id rule_id person_id inferred_on",
    ),
    Table(
        "value.TagDefinition", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id code name dimension_code kind_code definition owner_id created_at",
    ),
    Table(
        "value.PersonTag", Purpose.SERVICE, Keep.PERSON,
        sensitive="tag_code category_id note",
        general="id person_id author_id given_at expires_on verified_at verified_by is_current taken_at "
        "taken_by given_in taken_in",
    ),
    Table(
        "value.TagMove", Purpose.SERVICE, Keep.PERSON,
        general="id tag_id event_id from_person_id to_person_id at undone_event_id",
    ),
    Table(
        "value.TagChange", Purpose.SERVICE, Keep.BUSINESS,
        general="id tag_code is_gift author_id expires_on asked changed had refused made_at ended_at undone_at undone_by undone "
        "undo_ended_at",
    ),
    Table("value.TagChangePart", Purpose.SERVICE, Keep.REPLACED, general="id change_id person_ids"),
)  # fmt: skip
