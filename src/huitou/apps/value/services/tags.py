"""Tags that people give: define one, give it, take it away and bring it back; an interest that a note tells of."""

from datetime import date, datetime

from django.db import transaction

from huitou.apps.accounts.roles import Role
from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.products.queries import category_table
from huitou.apps.value.models import PersonTag, TagDefinition, TagKind
from huitou.core.periods import business_date
from huitou.core.value.tags import TAGS, Dimension, TagInvalid

INTEREST = "interest"
LONGEST_NOTE = 500
# Who may give and take tags of one person in reach. The menu is cut by the same roles, but interfaces and jobs call here, too.
GIVERS = frozenset({
    Role.ADMIN, Role.MARKETER, Role.MANAGER, Role.AGENT, Role.REGION_MANAGER, Role.STORE_MANAGER, Role.GUIDE,
})  # fmt: skip


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
    made = TagDefinition.objects.create(
        code=code,
        name=name.strip()[:64],
        dimension_code=dimension,
        kind_code=TagKind.MANUAL,
        definition=definition.strip()[:200],
        owner_id=owner_id,
        created_at=now,
    )
    audit_record(action_code="tag.defined", subject_kind="tag", subject_id=code, now=now, user_id=owner_id)
    return made


@transaction.atomic
def tag_give(*, viewer: Viewer, person_id: int, code: str, now: datetime, expires_on: date | None = None) -> PersonTag:
    """Give a person in reach a defined tag, once. Raises TagRefused: "role", "not_found", "unknown", "past"."""
    _reached(viewer, person_id)
    tag_check(code, expires_on, now)
    standing = PersonTag.objects.filter(person_id=person_id, tag_code=code, is_current=True).first()
    if standing is not None:
        return standing
    given = PersonTag.objects.create(
        person_id=person_id,
        tag_code=code,
        author_id=viewer.user_id,
        given_at=now,
        expires_on=expires_on,
    )
    _audit("tag.given", given, viewer, now)
    return given


@transaction.atomic
def interest_note(*, viewer: Viewer, person_id: int, text: str, now: datetime) -> PersonTag:
    """
    Keep what a person said of an interest ("对有机蔬菜感兴趣"), linked to the category the text names.

    The longest category name in the text counts; none is kept without a category.
    Raises TagRefused: "role", "not_found", "empty".
    """
    _reached(viewer, person_id)
    said = text.strip()[:LONGEST_NOTE]
    if not said:
        raise TagRefused("empty")
    tag = PersonTag.objects.create(
        person_id=person_id,
        tag_code=INTEREST,
        category_id=category_named(said),
        author_id=viewer.user_id,
        given_at=now,
    )
    tag.note = keyring().encrypt(said.encode(), context=note_context(tag.pk))
    tag.save(update_fields=["note"])
    _audit("tag.given", tag, viewer, now)
    return tag


@transaction.atomic
def tag_remove(*, viewer: Viewer, person_id: int, tag_id: int, now: datetime) -> PersonTag:
    """
    Take a tag away; a defined one that two files brought together both had goes whole.

    Raises TagRefused: "role", "not_found" (a person out of reach, another person's tag, one that is gone already).
    """
    tag = _tag(viewer, person_id, tag_id, is_current=True)
    same = PersonTag.objects.filter(person_id=person_id, tag_code=tag.tag_code, is_current=True)
    rows = same.filter(pk=tag_id) if tag.tag_code == INTEREST else same
    rows.update(is_current=False, taken_at=now, taken_by=viewer.user_id)
    _audit("tag.taken", tag, viewer, now)
    return tag


@transaction.atomic
def tag_restore(*, viewer: Viewer, person_id: int, tag_id: int, now: datetime) -> PersonTag:
    """Bring back a tag that was taken away. Raises TagRefused: "role", "not_found"."""
    tag = _tag(viewer, person_id, tag_id, is_current=False)
    tag.is_current, tag.taken_at, tag.taken_by, tag.taken_in = True, None, None, None
    tag.save(update_fields=["is_current", "taken_at", "taken_by", "taken_in"])
    _audit("tag.restored", tag, viewer, now)
    return tag


def tags_expire(*, now: datetime) -> int:
    """Take away the tags whose last day is over; return how many."""
    over = PersonTag.objects.filter(is_current=True, expires_on__lt=business_date(now))
    return over.update(is_current=False, taken_at=now)


def tag_check(code: str, expires_on: date | None, now: datetime) -> None:
    """Raise TagRefused on a tag that nobody defined ("unknown") and on a last day that is over ("past")."""
    if not TagDefinition.objects.filter(code=code).exists():
        raise TagRefused("unknown")
    if expires_on is not None and expires_on < business_date(now):
        raise TagRefused("past")


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
    if viewer.role_code not in GIVERS:
        raise TagRefused("role")
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        raise TagRefused("not_found")


def _tag(viewer: Viewer, person_id: int, tag_id: int, *, is_current: bool) -> PersonTag:
    _reached(viewer, person_id)
    tag = PersonTag.objects.select_for_update().filter(pk=tag_id, person_id=person_id, is_current=is_current).first()
    if tag is None:
        raise TagRefused("not_found")
    return tag


def _audit(action: str, tag: PersonTag, viewer: Viewer, now: datetime) -> None:
    audit_record(
        action_code=action, subject_kind="person", subject_id=tag.person_id, now=now, user_id=viewer.user_id, tag=tag.tag_code
    )
