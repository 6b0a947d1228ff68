"""Imports of files."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from huitou.web.api.schemas.base import Short, Strict


class ImportOut(Schema):
    """An import. new + updated + unchanged + quarantined are its rows once it is done."""

    id: int
    source: str
    kind: str
    file_name: str
    state: str  # uploaded, running, done, failed, undone
    encoding: str
    header: list[str]
    mapping: dict[str, int]
    rows: int
    new: int
    updated: int
    unchanged: int
    quarantined: int
    read_share: float
    replay_of: int | None
    error: str
    created_at: datetime
    ended_at: datetime | None


class ImportPage(Schema):
    items: list[ImportOut]
    next: int | None


class ImportStartIn(Strict):
    """Which column (from 0) holds which field, and values for the whole file; left out, the suggestion holds."""

    mapping: dict[str, Annotated[int, Field(ge=0, le=499)]] | None = None
    constants: dict[str, Short] | None = None


class CheckOut(Schema):
    """What the first rows would come to; nothing was written."""

    rows: int
    is_whole: bool
    counts: dict[str, dict[str, int]]
    errors: list[dict[str, Any]]
