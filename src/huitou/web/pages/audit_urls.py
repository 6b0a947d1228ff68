from django.urls import path

from huitou.web.pages import audit

app_name = "audit"
urlpatterns = [
    path("audit", audit.audit, name="audit"),
    path("audit/data-map", audit.data_map, name="data_map"),
    path("audit/verify", audit.verify, name="verify"),
    path("audit/affected/<int:user_id>", audit.affected, name="affected"),
]
