"""What the data page remembers: sums over everybody."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "quality.QualitySnapshot", Purpose.ANALYSIS, Keep.BUSINESS,
        general="id metric_key business_date numerator denominator as_of",
    ),
    Table("quality.FieldFill", Purpose.ANALYSIS, Keep.BUSINESS, general="id subject_code field_code "
        "business_date filled total"),
    Table("quality.Goal", Purpose.ANALYSIS, Keep.BUSINESS, general="id metric_key kind_code period_code share"),
)  # fmt: skip
