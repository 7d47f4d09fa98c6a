"""What search keeps beside the index itself: words that mean the same, and the words that can be found."""

from django.core.exceptions import ValidationError
from django.db import models

from kb.codes.shipped import Shipped, history


class Synonym(Shipped):
    """Words and phrases that mean the same: who searches for one of them finds the others too."""

    words = models.TextField(
        help_text="At least two words or phrases, commas between: mailbox full, over quota."
    )
    history = history()

    class Meta:
        ordering = ["words"]

    def __str__(self):
        return self.words

    @property
    def phrases(self):
        return [phrase for part in self.words.replace("\n", ",").split(",") if (phrase := part.strip())]

    def clean(self):
        if len({phrase.casefold() for phrase in self.phrases}) < 2:
            raise ValidationError({"words": "Write at least two different words or phrases, commas between."})


class Word(models.Model):
    """A word of the index as it is written, for corrections; whether a person may know it is asked when it is offered."""

    text = models.CharField(max_length=40, unique=True)
    rows = models.PositiveIntegerField(default=0, help_text="In how many rows it was met, roughly.")

    class Meta:
        ordering = ["text"]

    def __str__(self):
        return self.text


class Slip(models.Model):
    """A word with one letter left out. Two words that share a slip are one slip of the pen apart."""

    text = models.CharField(max_length=40, db_index=True)
    word = models.ForeignKey(Word, models.CASCADE, related_name="slips")

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.text


class Fresh(models.Model):
    """A row of the index whose words are still to be learned; triggers write it."""

    id = models.BigIntegerField(primary_key=True)

    class Meta:
        # What people meet first is learned first: codes and causes, then the newest articles.
        ordering = ["-id"]

    def __str__(self):
        return str(self.id)
