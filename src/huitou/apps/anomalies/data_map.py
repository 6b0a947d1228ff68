"""What the tables of anomalies hold: that a card was used often is said of a person."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "anomalies.AnomalyRun", Purpose.ANALYSIS, Keep.BUSINESS, general="id version as_of answers found started_at ended_at",
    ),
    Table(
        "anomalies.Anomaly", Purpose.SECURITY, Keep.PERSON,
        sensitive="subject_id actual expected low high away", general="id kind_code store_id day run_id found_at",
    ),
    Table(
        "anomalies.AnomalyMute", Purpose.SECURITY, Keep.PERSON,
        sensitive="subject_id", general="id kind_code until author_id created_at",
    ),
)  # fmt: skip
