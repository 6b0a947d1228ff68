from django.urls import path

from huitou.web.pages import identity

app_name = "identity"
urlpatterns = [
    path("review", identity.review, name="review"),
    path("review/<int:pair_id>/<str:answer>", identity.answer, name="answer"),
    path("events/<int:event_id>/undo", identity.undo, name="undo"),
]
