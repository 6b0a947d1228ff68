from django.db import migrations, models

from huitou.apps.base.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tasks", "0002_log_append_only")]

    operations = [AddIndexBeside(model_name="task", index=models.Index(fields=["state_code", "due_at"], name="task_by_state"))]
