"""Writes of the identity app."""

from huitou.apps.identity.services.customer_tell import CannotTell, customer_tell
from huitou.apps.identity.services.errors import CannotUndo, IdentityRefused, NotAProperPart, PersonNotLive, ReviewGone
from huitou.apps.identity.services.event_undo import event_undo
from huitou.apps.identity.services.everything_resolve import everything_resolve
from huitou.apps.identity.services.identity_undo import identity_undo
from huitou.apps.identity.services.map_resolve import map_resolve
from huitou.apps.identity.services.marked_resolve import marked_resolve
from huitou.apps.identity.services.person_merge import person_merge
from huitou.apps.identity.services.person_split import person_split
from huitou.apps.identity.services.quality_sample import quality_draw, quality_judge
from huitou.apps.identity.services.record_upsert import CustomerRecord, Outcome, Upserted, record_upsert, records_upsert
from huitou.apps.identity.services.records_apply import records_apply, records_settle
from huitou.apps.identity.services.records_erase import records_erase
from huitou.apps.identity.services.records_store import records_store
from huitou.apps.identity.services.records_withdraw import records_withdraw
from huitou.apps.identity.services.review_answer import Answer, review_answer
from huitou.apps.identity.services.review_answer_many import TooMany, review_answer_many, round_undo
from huitou.apps.identity.services.rule_save import rule_save
from huitou.apps.identity.services.value_block import value_block
from huitou.apps.identity.services.value_confirm import value_confirm
from huitou.apps.identity.services.value_correct import CORRECTABLE, CorrectionRefused, correction_retire, value_correct

__all__ = [
    "CORRECTABLE",
    "Answer",
    "CannotTell",
    "CannotUndo",
    "CorrectionRefused",
    "CustomerRecord",
    "IdentityRefused",
    "NotAProperPart",
    "Outcome",
    "PersonNotLive",
    "ReviewGone",
    "TooMany",
    "Upserted",
    "correction_retire",
    "customer_tell",
    "event_undo",
    "everything_resolve",
    "identity_undo",
    "map_resolve",
    "marked_resolve",
    "person_merge",
    "person_split",
    "quality_draw",
    "quality_judge",
    "record_upsert",
    "records_apply",
    "records_erase",
    "records_settle",
    "records_store",
    "records_upsert",
    "records_withdraw",
    "review_answer",
    "review_answer_many",
    "round_undo",
    "rule_save",
    "value_block",
    "value_confirm",
    "value_correct",
]
