from django.urls import path

from huitou.web.pages import audit

app_name = "audit"
urlpatterns = [
    path("audit", audit.audit, name="audit"),
    path("audit/verify", audit.verify, name="verify"),
    path("audit/affected/<int:user_id>", audit.affected, name="affected"),
]
