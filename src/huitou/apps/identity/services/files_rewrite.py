"""Write all files again that a change of the survivorship rules can change."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count

from huitou.apps.base.jobs.registry import JobContext
from huitou.apps.base.pace import Pace
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.models import Membership
from huitou.apps.identity.refresh import files_rewrite


def all_files_rewrite(context: JobContext, *, now: datetime) -> int:
    """
    Go over the persons of several records in short transactions; return how many.

    One record leaves nothing to choose. Run again after a kill it begins anew and comes to the same files.
    """
    held = Membership.objects.filter(valid_to=None).values("person_id").annotate(records=Count("pk")).filter(records__gt=1)
    persons = list(held.order_by("person_id").values_list("person_id", flat=True))
    done = 0
    for part in Pace().cut(persons):
        with transaction.atomic():
            map_lock()
            files_rewrite(part, now=now)
        done += len(part)
        context.progress("files", done, len(persons))
    return done
