"""The log of tasks takes new lines only, whoever writes: the database refuses to change one. Lines go with an erased person."""

from django.db import migrations

TABLE = "tasks_taskchange"
REFUSAL = "the log of tasks is append-only"


def guard(apps, schema_editor):
    """Put the trigger on the table."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END")
        return
    schema_editor.execute(
        f"CREATE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    schema_editor.execute(f"CREATE TRIGGER {TABLE}_kept BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()")


def unguard(apps, schema_editor):
    """Take it away."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"DROP TRIGGER {TABLE}_kept")
        return
    schema_editor.execute(f"DROP FUNCTION {TABLE}_refuse() CASCADE")


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_tasks")]
    operations = [migrations.RunPython(guard, unguard)]
