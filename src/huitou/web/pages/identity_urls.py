from django.urls import path

from huitou.web.pages import identity, identity_entity, identity_round, identity_rules, identity_sample

app_name = "identity"
urlpatterns = [
    path("review", identity.review, name="review"),
    path("review/many", identity_round.answer_many, name="answer_many"),
    path("review/rounds/<int:event_id>/undo", identity_round.undo_round, name="undo_round"),
    path("review/<int:pair_id>/<str:answer>", identity.answer, name="answer"),
    path("events/<int:event_id>/undo", identity.undo, name="undo"),
    path("rules", identity_rules.rules, name="rules"),
    path("rules/<str:field>", identity_rules.rule, name="rule"),
    path("sample", identity_sample.sample, name="sample"),
    path("sample/draw", identity_sample.draw, name="sample_draw"),
    path("sample/<int:case_id>", identity_sample.judge, name="sample_judge"),
    path("persons/<int:person_id>", identity_entity.entity, name="entity"),
    path("persons/<int:person_id>/split", identity_entity.split, name="split"),
]
