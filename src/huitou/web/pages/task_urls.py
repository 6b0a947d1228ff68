from django.urls import path

from huitou.web.pages import task_runs, tasks

app_name = "tasks"
urlpatterns = [
    path("tasks", tasks.tasks, name="list"),
    path("tasks/today", tasks.today, name="today"),
    path("tasks/<int:task_id>/close", tasks.close, name="close"),
    path("tasks/<int:task_id>/take", tasks.take, name="take"),
    path("tasks/runs/new", task_runs.run_begin, name="run_begin"),
    path("tasks/runs/<int:run_id>", task_runs.run_part, name="run"),
]
