"""What the bodies of all nouns share: bounded texts, numbers, and a form that refuses unknown fields."""

from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import ConfigDict, Field, PlainSerializer, StringConstraints

Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]


Text = Annotated[str, StringConstraints(max_length=4_000, pattern=r"^[^\x00]*$")]


Short = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


Amount = Annotated[
    Decimal,
    Field(ge=-10_000_000, le=10_000_000, max_digits=15, decimal_places=3),
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
]


Id = Annotated[int, Field(ge=1, le=2**53 - 1)]


class Strict(Schema):
    """A body without unknown names: a typing mistake is told, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Done(Schema):
    done: bool
