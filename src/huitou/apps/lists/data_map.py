"""What the tables of saved views hold."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "lists.SavedView", Purpose.ACCOUNT, Keep.BUSINESS,
        general="id noun title owner_id filters sort shared_role created_at updated_at",
    ),
    Table("lists.PinnedView", Purpose.ACCOUNT, Keep.BUSINESS, general="id user_id view_id"),
    Table("lists.ColumnChoice", Purpose.ACCOUNT, Keep.ACCOUNT, general="id user_id noun columns"),
)  # fmt: skip
