"""What the tables of tasks hold. What is out of date of whom, and what a guide found, is personal data."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "tasks.TaskRun", Purpose.SERVICE, Keep.BUSINESS,
        general="id kind_code days person_ids after_id run_key author_id seen made held rested refused barred storeless full "
        "fresh gone stopped_code made_at ended_at",
    ),
    Table(
        "tasks.Task", Purpose.SERVICE, Keep.PERSON, sensitive="reason outcome_code",
        general="id kind_code person_id store_id assignee_id state_code open_code due_on due_at created_at created_by run_id "
        "closed_at closed_by",
    ),
    Table(
        "tasks.TaskChange", Purpose.SERVICE, Keep.PERSON, sensitive="outcome_code",
        general="id task_id from_code to_code at by event_id",
    ),
    Table(
        "tasks.TaskMove", Purpose.SERVICE, Keep.PERSON,
        general="id task_id event_id from_person_id to_person_id at undone_event_id",
    ),
)  # fmt: skip
