"""`field__in_list=[...]`: like `__in`, but the whole list is one parameter, so that long lists cost no statement building."""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup
from django.db.models.sql.compiler import SQLCompiler


@models.BigIntegerField.register_lookup
@models.BigAutoField.register_lookup
class InList(Lookup):
    """A condition on an integer column and an iterable of integers; an empty one matches nothing."""

    lookup_name = "in_list"

    def get_prep_lookup(self) -> list[int]:
        return list(self.rhs)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        left, params = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{left} = any(%s)", (*params, self.rhs)
        member = "in (select value from json_each(%s))"
        return f"{left} {member}", (*params, json.dumps(self.rhs))
