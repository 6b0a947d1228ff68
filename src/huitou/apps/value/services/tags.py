"""Tags that people give: define one, give it, take it away; an interest that a note tells of."""

from datetime import date, datetime

from django.db import transaction

from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.products.queries import category_table
from huitou.apps.value.models import PersonTag, TagDefinition, TagKind
from huitou.core.value.tags import TAGS, Dimension, TagInvalid

INTEREST = "interest"
LONGEST_NOTE = 500


class TagRefused(Exception):
    """The tag cannot be given; `reason` is a stored code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def note_context(tag_id: int) -> str:
    """Return what a note is sealed with."""
    return f"value.tag:{tag_id}"


@transaction.atomic
def tag_define(*, code: str, name: str, dimension: str, definition: str, owner_id: int, now: datetime) -> TagDefinition:
    """Define a tag that people give. Raises TagInvalid: "code_twice", "dimension_unknown", "empty"."""
    if code == INTEREST or code in {tag.code for tag in TAGS} or TagDefinition.objects.filter(code=code).exists():
        raise TagInvalid("code_twice", code)
    if dimension not in set(Dimension):
        raise TagInvalid("dimension_unknown", dimension)
    if not name.strip() or not definition.strip():
        raise TagInvalid("empty", code)
    return TagDefinition.objects.create(
        code=code,
        name=name.strip()[:64],
        dimension_code=dimension,
        kind_code=TagKind.MANUAL,
        definition=definition.strip()[:200],
        owner_id=owner_id,
        created_at=now,
    )


@transaction.atomic
def tag_give(*, viewer: Viewer, person_id: int, code: str, now: datetime, expires_on: date | None = None) -> PersonTag:
    """Give a person in reach a defined tag, once. Raises TagRefused: "not_found", "unknown"."""
    _reached(viewer, person_id)
    if not TagDefinition.objects.filter(code=code).exists():
        raise TagRefused("unknown")
    standing = PersonTag.objects.filter(person_id=person_id, tag_code=code).first()
    if standing is not None:
        return standing
    return PersonTag.objects.create(
        person_id=person_id,
        given_to_id=person_id,
        tag_code=code,
        author_id=viewer.user_id,
        given_at=now,
        expires_on=expires_on,
    )


@transaction.atomic
def interest_note(*, viewer: Viewer, person_id: int, text: str, now: datetime) -> PersonTag:
    """
    Keep what a person said of an interest ("对有机蔬菜感兴趣"), linked to the category the text names.

    The longest category name in the text counts; none is kept without a category. Raises TagRefused: "not_found", "empty".
    """
    _reached(viewer, person_id)
    said = text.strip()[:LONGEST_NOTE]
    if not said:
        raise TagRefused("empty")
    tag = PersonTag.objects.create(
        person_id=person_id,
        given_to_id=person_id,
        tag_code=INTEREST,
        category_id=category_named(said),
        author_id=viewer.user_id,
        given_at=now,
    )
    tag.note = keyring().encrypt(said.encode(), context=note_context(tag.pk))
    tag.save(update_fields=["note"])
    return tag


@transaction.atomic
def tag_remove(*, viewer: Viewer, person_id: int, tag_id: int) -> None:
    """Take a tag away. Raises TagRefused("not_found") for a person out of reach and for another person's tag alike."""
    _reached(viewer, person_id)
    if not PersonTag.objects.filter(pk=tag_id, person_id=person_id).delete()[0]:
        raise TagRefused("not_found")


def category_named(text: str) -> int | None:
    """Return the category whose name stands in the text; the longest name wins, then the lower id."""
    table = category_table()
    rows = zip(table.column("name").to_pylist(), table.column("category_id").to_pylist(), strict=True)
    found = sorted((-len(name), category_id) for name, category_id in rows if len(name) > 1 and name in text)
    return found[0][1] if found else None


def note_open(tag: PersonTag) -> str:
    """Return the note in clear; empty where there is none."""
    return "" if tag.note is None else keyring().decrypt(bytes(tag.note), context=note_context(tag.pk)).decode()


def _reached(viewer: Viewer, person_id: int) -> None:
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        raise TagRefused("not_found")
