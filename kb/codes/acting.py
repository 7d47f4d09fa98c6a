from django.db import models


class Role(models.TextChoices):
    """The people around one mail, seen from its sender."""

    SENDER = "sender", "Sender"
    RECIPIENT = "recipient", "Recipient"
    SENDER_ADMIN = "sender_admin", "Sender’s administrator"
    RECIPIENT_ADMIN = "recipient_admin", "Recipient’s administrator"
    STAFF = "staff", "Our support"


REPLY = "reply"  # the ready reply to the customer: advice to our staff as well
STAFF_ROLES = {Role.STAFF, REPLY}
HEADINGS = {
    Role.SENDER: "If you sent it",
    Role.RECIPIENT: "If it was sent to you",
    Role.SENDER_ADMIN: "If you run the sending mail server",
    Role.RECIPIENT_ADMIN: "If you run the receiving mail server",
    Role.STAFF: "For our support",
    REPLY: "Say to the customer",
}


class Acting(models.Model):
    """Who must act: a set of roles. Nobody ticked means that nobody needs to."""

    sender_acts = models.BooleanField("the sender", default=False)
    recipient_acts = models.BooleanField("the recipient", default=False)
    sender_admin_acts = models.BooleanField("the sender’s administrator", default=False)
    recipient_admin_acts = models.BooleanField("the recipient’s administrator", default=False)
    staff_acts = models.BooleanField("our support", default=False)

    class Meta:
        abstract = True

    @property
    def actors(self):
        return [role for role in Role if getattr(self, f"{role}_acts")]


ACTING_FIELDS = tuple(f"{role}_acts" for role in Role)
