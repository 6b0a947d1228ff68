from django.urls import path

from huitou.web.pages import erasures, person_rights

app_name = "privacy"
urlpatterns = [
    path("privacy/erasures", erasures.erasures, name="erasures"),
    path("privacy/erasures/delay", erasures.delay, name="delay"),
    path("privacy/erasures/<int:request_id>/cancel", person_rights.erase_cancel, name="erase_cancel"),
]
