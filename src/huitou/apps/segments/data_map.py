"""What the tables of segments hold. That somebody is in a segment is personal data."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "segments.Segment", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id name note owner_id version_number refresh_id checked_version problem created_at updated_at archived_at",
    ),
    Table(
        "segments.SegmentVersion", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id segment_id number rule note author_id created_at",
    ),
    Table(
        "segments.SegmentRefresh", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id segment_id version_number facts_version as_of members joined left list_hash started_at ended_at",
    ),
    Table(
        "segments.SegmentMember", Purpose.ANALYSIS, Keep.PERSON,
        sensitive="segment_id", general="id person_id joined_refresh_id left_refresh_id",
    ),
    Table("segments.SegmentList", Purpose.ANALYSIS, Keep.REPLACED, sensitive="ids", general="segment_id refresh_id"),
    Table("segments.KnownPart", Purpose.ANALYSIS, Keep.REPLACED, sensitive="ids", general="id kind_code name day read_at"),
    Table(
        "segments.Comparison", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id segment_id refresh_id held_share since begun_by begun_at ended_at",
    ),
    Table(
        "segments.ComparisonResult", Purpose.ANALYSIS, Keep.REPLACED,
        general="id comparison_id reach store_ids as_of days members held uplift refusal counted_at",
    ),
    Table(
        "segments.LookAlike", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id segment_id asked_by asked_at as_of computed_at refusal seeds auc lowest_auc kept",
    ),
    Table(
        "segments.LookAlikeRank", Purpose.ANALYSIS, Keep.PERSON, sensitive="rank", general="id look_alike_id person_id",
    ),
)  # fmt: skip
