"""Set which source's value a person's file shows for one field."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.models import SurvivorshipChoice
from huitou.apps.identity.survivorship import chosen_rules
from huitou.core.identity.survivorship import DEFAULT_RULES, FieldRule, rule_checked

REWRITE_JOB = "identity.files_rewrite"


@transaction.atomic
def rule_save(*, field: str, order: Sequence[str], sources: Sequence[str], by: int, now: datetime) -> FieldRule:
    """
    Keep the rule beside those of before and plan that every file is written again; the default takes the choice back.

    Saving what is in force changes nothing. Raises RuleWrong.
    """
    rule = rule_checked(field, order, sources)
    map_lock()
    before = chosen_rules()
    stored = {"order": [criterion.value for criterion in rule.order], "sources": list(rule.sources)}
    after = {name: chosen for name, chosen in before.items() if name != field}
    if rule != DEFAULT_RULES[field]:
        after[field] = stored
    if after != before:
        SurvivorshipChoice.objects.create(rules=after, saved_at=now, by=by)
        audit_record(action_code="identity.rule", subject_kind="rule", subject_id=0, now=now, user_id=by, field=field, **stored)
        jobs.plan(REWRITE_JOB, now=now)  # one that runs already may be past some files
    return rule
