"""The schemes and their versions for the designer. Whole-chain figures: the views are open to chain-wide roles only."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from huitou.apps.base.scope import Viewer
from huitou.apps.value.models import SchemeVersion, TierScheme, VersionState
from huitou.core.value.scheme import Scheme, scheme_read
from huitou.core.value.templates import SHIPPED


@dataclass(frozen=True, slots=True)
class SchemeLine:
    """One scheme in the list: the version in force (None: never), whether it is switched on, and its draft."""

    code: str
    scheme: Scheme
    number: int | None
    is_on: bool
    draft_number: int | None
    is_asked: bool  # somebody waits for the draft to be published
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Design:
    """What the designer shows of one scheme. shown: the draft, or what is in force; versions: newest first."""

    code: str
    is_on: bool
    standing: SchemeVersion
    standing_scheme: Scheme
    draft: SchemeVersion | None
    shown: Scheme
    versions: tuple[SchemeVersion, ...]


def scheme_lines() -> list[SchemeLine]:
    """Return every scheme the installation has, in order; then the shipped ones it never took over."""
    lines = []
    known = set()
    for row in TierScheme.objects.order_by("position", "pk").prefetch_related("versions"):
        versions = {version.state: version for version in row.versions.all()}
        standing = versions.get(VersionState.PUBLISHED)
        draft = versions.get(VersionState.DRAFT)
        if standing is not None:
            known.add(row.code)
            lines.append(
                SchemeLine(
                    row.code,
                    scheme_read(standing.table),
                    standing.number,
                    row.slot is not None,
                    draft.number if draft else None,
                    draft is not None and draft.asked_at is not None,
                    standing.published_at,
                )
            )
    missing = [scheme for code, scheme in SHIPPED.items() if code not in known]
    return lines + [SchemeLine(scheme.code, scheme, None, False, None, False, None) for scheme in missing]


def design_of(code: str) -> Design | None:
    """Return one scheme with its versions; None for a code that no scheme in the installation has."""
    row = TierScheme.objects.filter(code=code).first()
    if row is None:
        return None
    versions = tuple(row.versions.order_by("-number"))
    standing = next((one for one in versions if one.state == VersionState.PUBLISHED), None)
    draft = next((one for one in versions if one.state == VersionState.DRAFT), None)
    if standing is None:
        return None
    scheme = scheme_read(standing.table)
    shown = scheme if draft is None else scheme_read(draft.table)
    return Design(code, row.slot is not None, standing, scheme, draft, shown, versions)


def schemes_to_decide(viewer: Viewer) -> list[SchemeVersion]:
    """Return the drafts that somebody asked for and the viewer may decide: not what the viewer wrote or asked, oldest first."""
    asked = SchemeVersion.objects.filter(state=VersionState.DRAFT, asked_at__isnull=False, what_if__isnull=False)
    own = Q(asked_by=viewer.user_id) | Q(author_id=viewer.user_id)
    return list(asked.exclude(own).order_by("asked_at", "pk").select_related("scheme"))


def version_at(code: str, moment: datetime) -> SchemeVersion | None:
    """Return the version that was in force at a moment (aware UTC); None before the first."""
    rows = SchemeVersion.objects.filter(scheme__code=code, published_at__lte=moment)
    return rows.exclude(retired_at__lte=moment).order_by("-number").first()
