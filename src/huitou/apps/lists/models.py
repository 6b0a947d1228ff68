"""What people keep of lists: named views, what they pinned, and the columns they chose."""

from django.db import models


class SavedView(models.Model):
    """
    A filter and an order of a list under a name.

    filters: the tree as JSON (core/filters/json_form); what it asks is still cut to whoever opens it.
    """

    noun = models.CharField(max_length=16)
    title = models.CharField(max_length=40)
    owner_id = models.BigIntegerField()
    filters = models.JSONField(default=dict)
    sort = models.CharField(max_length=64, blank=True)  # as in the address; empty: the list's own
    shared_role = models.CharField(max_length=32, blank=True)  # everybody of this role may open it; empty: the owner alone
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "noun", "title"], name="saved_view_once_by_title")]
        indexes = [models.Index(fields=["noun", "shared_role"], name="saved_view_by_role")]


class PinnedView(models.Model):
    """Somebody keeps a view in front of the others."""

    user_id = models.BigIntegerField()
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "view"], name="pinned_view_once")]


class ColumnChoice(models.Model):
    """The columns one person wants to see in the list of one noun, in the order of the fields."""

    user_id = models.BigIntegerField()
    noun = models.CharField(max_length=16)
    columns = models.JSONField(default=list)  # field names

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "noun"], name="column_choice_once")]
