"""What the book of builds holds: nothing personal."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "builds.Build", Purpose.OPERATION, Keep.BUSINESS,
        general="id number kind_code state base_number as_of batch_from batch_to batch_count map_seq "
        "started_at ended_at seconds rows "
        "checks error code_version",
    ),
    Table(
        "builds.PublishState", Purpose.OPERATION, Keep.BUSINESS,
        general="id published_version published_base published_tail as_of published_at writing_version "
        "rows_written rows_deleted "
        "way_code",
    ),
    Table(
        "builds.Comparison", Purpose.OPERATION, Keep.BUSINESS,
        general="id base_number fold_number as_of compared_at is_equal tables",
    ),
)  # fmt: skip
