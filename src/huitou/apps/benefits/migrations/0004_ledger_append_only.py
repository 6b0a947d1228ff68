"""
The ledger takes new lines only, whoever writes: the database refuses to change or to delete one. Two columns may be emptied,
since an erased person leaves them.
"""

from django.db import migrations

TABLE = "benefits_couponentry"
KEPT = (
    "id", "coupon_id", "number", "kind_code", "from_code", "to_code", "redemption_no", "channel_code", "store_id", "basket_fen",
    "off_fen", "event_id", "at", "by",
)  # fmt: skip
REFUSAL = "the coupon ledger is append-only"


def _is_erasure(same):
    """Return the condition that a change only empties what names the person; same: how the database compares with nulls."""
    kept = " AND ".join(f'NEW."{name}" {same} OLD."{name}"' for name in KEPT)
    emptied = f"(NEW.person_id {same} OLD.person_id OR NEW.person_id IS NULL)"
    return f"{kept} AND {emptied} AND (NEW.order_no = OLD.order_no OR NEW.order_no = '')"


def guard(apps, schema_editor):
    """Put the triggers on the table."""
    if schema_editor.connection.vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        schema_editor.execute(f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE ON {TABLE} WHEN NOT ({_is_erasure('IS')}) {refuse}")
        schema_editor.execute(f"CREATE TRIGGER {TABLE}_stays BEFORE DELETE ON {TABLE} {refuse}")
        return
    schema_editor.execute(
        f"CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    refuse = f"EXECUTE FUNCTION {TABLE}_refuse()"
    schema_editor.execute(
        f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE ON {TABLE} FOR EACH ROW "
        f"WHEN (NOT ({_is_erasure('IS NOT DISTINCT FROM')})) {refuse}"
    )
    schema_editor.execute(f"CREATE TRIGGER {TABLE}_stays BEFORE DELETE ON {TABLE} FOR EACH ROW {refuse}")
    schema_editor.execute(f"CREATE TRIGGER {TABLE}_whole BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT {refuse}")


def unguard(apps, schema_editor):
    """Take them away."""
    if schema_editor.connection.vendor == "sqlite":
        for name in ("kept", "stays"):
            schema_editor.execute(f"DROP TRIGGER {TABLE}_{name}")
        return
    schema_editor.execute(f"DROP FUNCTION {TABLE}_refuse() CASCADE")


class Migration(migrations.Migration):
    dependencies = [("benefits", "0003_season")]
    operations = [migrations.RunPython(guard, unguard)]
