"""Indexes for tables that are large and in use: what a migration says instead of AddIndex."""

from typing import TYPE_CHECKING, cast

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex
from django.db.migrations.state import ProjectState

if TYPE_CHECKING:
    from django.db.backends.postgresql.schema import DatabaseSchemaEditor


class AddIndexBeside(AddIndex):
    """
    AddIndex that keeps nobody from writing to the table meanwhile where the database can do so: PostgreSQL, in two passes.

    Put it alone into a migration with `atomic = False`: PostgreSQL builds such an index outside a transaction only. A build that
    was cut short leaves an index behind that is never used; running the migration again replaces it.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            name = schema_editor.quote_name(self.index.name)
            schema_editor.execute(f"drop index concurrently if exists {name}")
            cast("DatabaseSchemaEditor", schema_editor).add_index(model, self.index, concurrently=True)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            cast("DatabaseSchemaEditor", schema_editor).remove_index(model, self.index, concurrently=True)
