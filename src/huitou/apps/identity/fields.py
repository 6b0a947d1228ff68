"""Customers by the import that touched them, for those who may see imports."""

from collections.abc import Iterator

from huitou.apps.base.fields import FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.identity.models import ImportPart
from huitou.apps.intake.fields import import_names
from huitou.apps.intake.queries import QUARANTINE_ROLES
from huitou.core.filters.catalogue import Field, FieldType, Rows
from huitou.core.labels import Label

IMPORT = Label("导入", "Import")
ANY = "import"
_FIELDS = (
    (ANY, Label("涉及的导入", "Touched by import"), None),
    ("import_new", Label("新建自导入", "New by import"), ImportPart.NEW),
    ("import_joined", Label("并入自导入", "Joined by import"), ImportPart.JOINED),
)


def import_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the imports that touched a customer: any, the one that brought, those that joined."""
    if viewer.role_code not in QUARANTINE_ROLES:
        return
    for name, label, part in _FIELDS:
        where = () if part is None else (("part_code", part.value),)
        rows = Rows("identity.ImportedPerson", owner="person_id", where=where)
        field = Field(name, label, FieldType.REFERENCE, orm_path="import_id", rows=rows)
        yield FieldEntry(field, IMPORT, names=import_names)
