"""What reads the sentiment of texts, and what it read."""

from django.db import models


class SentimentModel(models.Model):
    """
    A model of sentiment as it was trained; the newest that is in force reads the texts, without one the built-in word list.

    content: core.value.text.model.Sentiment.to_bytes(): grams that at least three texts hold, and weights; no text. It lies
    here and not in a file, so that every worker has it and a backup holds it.
    """

    content = models.BinaryField()
    source_code = models.CharField(max_length=7)  # file, ratings
    texts = models.PositiveIntegerField()  # that it learnt from
    accuracy = models.FloatField()  # share right of texts it had not seen
    baseline = models.FloatField()  # that always saying the commoner label hits
    error = models.FloatField()  # of its probability, 0..1
    trained_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)


class TextMood(models.Model):
    """What a text was found to say: -1..1, null where nothing tells. Whose text it is, is asked of the app that keeps it."""

    kind_code = models.CharField(max_length=8)  # event (of behaviour), ticket
    text_id = models.BigIntegerField()
    version_at = models.DateTimeField()  # of the text that was read
    model_id = models.BigIntegerField(null=True)  # null: the word list
    score = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind_code", "text_id"], name="text_mood_once")]
