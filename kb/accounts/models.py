from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class User(AbstractUser):
    """A person who can sign in. What they may do follows from their groups; see `roles`."""

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("username"), name="username_once", violation_error_message="This user name is taken."
            )
        ]

    def __str__(self):
        return self.get_full_name() or self.username

    @property
    def greeting(self):
        return self.get_short_name() or self.username

    @property
    def name_in_public(self):
        """Nothing where people sign in with an address, which is for nobody else to read."""
        return "" if "@" in str(self) else str(self)
