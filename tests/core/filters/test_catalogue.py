"""A malformed catalogue fails when it is made."""

import pytest

from huitou.core.filters.catalogue import Catalogue, Choice, Field, FieldType
from huitou.core.filters.tree import EVERYTHING
from huitou.core.labels import Label

NAME = Label("名", "name")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Field("a b", NAME, FieldType.INTEGER),
        lambda: Field("a", NAME, FieldType.INTEGER, sql_column="a; drop table x"),
        lambda: Field("a", NAME, FieldType.INTEGER, orm_path="a b"),
        lambda: Field("a", NAME, FieldType.ENUM),
        lambda: Field("a", NAME, FieldType.INTEGER, choices=(Choice("x", NAME),)),
        lambda: Field("a", NAME, FieldType.ENUM, choices=(Choice("x", NAME), Choice("y", NAME, EVERYTHING))),
        lambda: Catalogue(NAME, (Field("a", NAME, FieldType.INTEGER), Field("a", NAME, FieldType.FEN))),
        lambda: Label("名", " "),
    ],
)
def test_a_malformed_entry_is_refused(make):
    with pytest.raises(ValueError, match=r"."):
        make()
