"""The dictionary of tags, who has them, and what was changed for many at once."""

from django.db import models

from huitou.apps.identity.moved import Move, moved_once, standing


class TagKind(models.TextChoices):
    """How a tag comes about."""

    RULE = "rule"
    MODEL = "model"
    MANUAL = "manual"
    IMPORTED = "imported"


class TagDefinition(models.Model):
    """A tag that people gave a meaning; those the run computes are defined in core.value.tags."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=64)
    dimension_code = models.CharField(max_length=16)
    kind_code = models.CharField(max_length=8, choices=TagKind.choices)
    definition = models.CharField(max_length=200)
    owner_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()


class TagChange(models.Model):
    """
    One tag given to many persons at once, or taken from them; undone as a whole.

    asked = changed + had + refused, plus the persons of the parts that still wait (`waiting`).
    """

    tag_code = models.CharField(max_length=32)
    is_gift = models.BooleanField()  # False: taken away
    author_id = models.BigIntegerField()
    expires_on = models.DateField(null=True)  # of what is given: the last day it holds
    asked = models.BigIntegerField()
    changed = models.BigIntegerField(default=0)
    had = models.BigIntegerField(default=0)  # had it already; of one taken away: did not have it
    refused = models.BigIntegerField(default=0)  # out of the author's reach, merged or erased when their turn came
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)  # when it was asked for
    undone_by = models.BigIntegerField(null=True)
    undone = models.BigIntegerField(default=0)  # persons who are as they were before
    undo_ended_at = models.DateTimeField(null=True)

    @property
    def waiting(self) -> int:
        return self.asked - self.changed - self.had - self.refused


class TagChangePart(models.Model):
    """Persons whose turn has not come yet; the part goes in the transaction that does it."""

    change = models.ForeignKey(TagChange, on_delete=models.CASCADE)
    person_ids = models.JSONField()


class PersonTag(models.Model):
    """
    A tag that somebody gave a person: with who, when, and until when. One that was taken away stays, so that it can come back.

    note: encrypted with context "value.tag:<id>". category_id: of an interest. given_in, taken_in: of a TagChange.
    """

    person_id = models.BigIntegerField()  # who the tag belongs to now; follows merges, each as a TagMove
    tag_code = models.CharField(max_length=32)
    category_id = models.BigIntegerField(null=True)
    note = models.BinaryField(null=True)
    author_id = models.BigIntegerField(null=True)
    given_at = models.DateTimeField()
    expires_on = models.DateField(null=True)  # the last day it holds
    verified_at = models.DateTimeField(null=True)  # when somebody last said that it still holds
    verified_by = models.BigIntegerField(null=True)
    is_current = models.BooleanField(default=True)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.BigIntegerField(null=True)  # null: its day was over
    given_in = models.BigIntegerField(null=True, db_index=True)
    taken_in = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "tag_code"], name="person_tag_of_person"),
            models.Index(fields=["tag_code", "person_id"], name="person_tag_by_tag"),
        ]


class TagMove(Move):
    """A given tag went to another person with an identity event."""

    tag = models.ForeignKey(PersonTag, on_delete=models.CASCADE, related_name="moves")

    class Meta:
        constraints = [moved_once("tag")]
        indexes = [standing("tag")]
