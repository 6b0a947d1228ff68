"""The shape of a table of moves: what `following` writes of rows that go along with their person."""

from django.db import models


class Move(models.Model):
    """
    A row went to another person with an identity event; append-only but for the event that took it back.

    A table of moves adds the foreign key to its rows, `moved_once` and `standing`.
    """

    event_id = models.BigIntegerField()  # 0: it had moved before moves were kept
    from_person_id = models.BigIntegerField()
    to_person_id = models.BigIntegerField()
    at = models.DateTimeField()
    undone_event_id = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


def moved_once(link: str) -> models.UniqueConstraint:
    """A row moves once with an event. link: the foreign key of the table, which names the constraint, too."""
    return models.UniqueConstraint(fields=[link, "event_id"], name=f"{link}_move_once")


def standing(link: str) -> models.Index:
    """The moves from a person that nothing has taken back."""
    return models.Index(fields=["from_person_id"], condition=models.Q(undone_event_id=None), name=f"{link}_move_standing")
