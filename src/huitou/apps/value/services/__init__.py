"""Writes of the value app."""

from huitou.apps.value.services.cluster_run import clusters_run
from huitou.apps.value.services.contacts import contacts_keep
from huitou.apps.value.services.crosses import crosses_keep
from huitou.apps.value.services.demographics import demographics_refresh
from huitou.apps.value.services.design import (
    DesignRefused,
    draft_ask,
    draft_discard,
    draft_publish,
    draft_return,
    draft_save,
    scheme_off,
    template_take,
)
from huitou.apps.value.services.forecast_run import forecast_run, is_made
from huitou.apps.value.services.infer import InferenceNotSwitched, inference_switch, inferences_run
from huitou.apps.value.services.motives import motives_keep
from huitou.apps.value.services.moves import moves_keep
from huitou.apps.value.services.overlaps import overlaps_keep
from huitou.apps.value.services.paths import paths_keep
from huitou.apps.value.services.reasons import reasons_keep
from huitou.apps.value.services.run import VALUE_LEASE, value_run
from huitou.apps.value.services.sentiment import (
    moods_refresh,
    sentiment_retire,
    sentiment_train,
    sentiment_train_on_ratings,
)
from huitou.apps.value.services.tag_confirm import tag_confirm
from huitou.apps.value.services.tags import (
    TagRefused,
    interest_note,
    tag_define,
    tag_give,
    tag_remove,
    tag_restore,
    tags_expire,
)
from huitou.apps.value.services.tags_of_many import (
    MOST_AT_ONCE,
    change_resume,
    change_run,
    tags_give,
    tags_take,
    tags_undo,
    undo_run,
)
from huitou.apps.value.services.unit_costs import unit_costs_save
from huitou.apps.value.services.what_if import draft_try, trial_ask

__all__ = [
    "MOST_AT_ONCE",
    "VALUE_LEASE",
    "DesignRefused",
    "InferenceNotSwitched",
    "TagRefused",
    "change_resume",
    "change_run",
    "clusters_run",
    "contacts_keep",
    "crosses_keep",
    "demographics_refresh",
    "draft_ask",
    "draft_discard",
    "draft_publish",
    "draft_return",
    "draft_save",
    "draft_try",
    "forecast_run",
    "inference_switch",
    "inferences_run",
    "interest_note",
    "is_made",
    "moods_refresh",
    "motives_keep",
    "moves_keep",
    "overlaps_keep",
    "paths_keep",
    "reasons_keep",
    "scheme_off",
    "sentiment_retire",
    "sentiment_train",
    "sentiment_train_on_ratings",
    "tag_confirm",
    "tag_define",
    "tag_give",
    "tag_remove",
    "tag_restore",
    "tags_expire",
    "tags_give",
    "tags_take",
    "tags_undo",
    "template_take",
    "trial_ask",
    "undo_run",
    "unit_costs_save",
    "value_run",
]  # fmt: skip
