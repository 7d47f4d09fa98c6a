from django.db import models


class Loaded(models.Model):
    """The ledger: every shipped record this database ever took in. One without its record was deleted here."""

    model = models.CharField(max_length=60)
    key = models.CharField(max_length=160)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "loaded"
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="loaded_once")]

    def __str__(self):
        return f"{self.model} {self.key}"
