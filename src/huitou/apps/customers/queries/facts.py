"""The published purchase facts of one person."""

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import PersonFacts
from huitou.apps.customers.queries.person import persons_in_reach


def published_facts(viewer: Viewer, person_id: int) -> PersonFacts | None:
    """Return the facts of a living person in reach; None when nothing is published about the person yet."""
    return PersonFacts.objects.filter(person__in=persons_in_reach(viewer), pk=person_id).first()
