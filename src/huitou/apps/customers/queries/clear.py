"""Values in clear, for what two persons agreed to hand out."""

from collections.abc import Collection, Sequence

from huitou.apps.base import seen
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.queries.person import persons_in_reach


def persons_in_clear(viewer: Viewer, person_ids: Collection[int], fields: Sequence[str]) -> dict[int, dict[str, str]]:
    """Return {person: {field: value}} of these persons as far as the viewer reaches; a field that nobody filled is left out."""
    ring = keyring()
    found: dict[int, dict[str, str]] = {}
    for person_id, profile in persons_in_reach(viewer).filter(pk__in_list=list(person_ids)).values_list("pk", "profile"):
        values = profile_open(ring, person_id, profile)
        found[person_id] = {name: values[name]["value"] for name in fields if name in values}
        seen.note(person_id)
    return found
