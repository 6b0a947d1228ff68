from django.urls import path

from huitou.web.pages import erasures, person_rights

app_name = "privacy"
urlpatterns = [
    path("privacy/erasures", erasures.erasures, name="erasures"),
    path("privacy/erasures/delay", erasures.delay, name="delay"),
    path("privacy/erasures/missing/<int:request_id>", erasures.missing, name="missing"),
    path("privacy/erasures/missing/<int:request_id>/choose", erasures.missing_choose, name="missing_choose"),
    path("privacy/erasures/missing/<int:request_id>/close", erasures.missing_close, name="missing_close"),
    path("privacy/erasures/<int:request_id>/cancel", person_rights.erase_cancel, name="erase_cancel"),
]
