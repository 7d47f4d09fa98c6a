from dataclasses import dataclass

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from kb.jobs.models import MOST_ATTEMPTS, Job, Mail


class State(admin.SimpleListFilter):
    title, parameter_name = "state", "state"

    def lookups(self, request, model_admin):
        return [("waiting", "Waiting"), ("given-up", "Given up"), ("done", "Done")]

    def queryset(self, request, jobs):
        return {
            "waiting": jobs.open().filter(attempts__lt=MOST_ATTEMPTS),
            "given-up": jobs.open().filter(attempts__gte=MOST_ATTEMPTS),
            "done": jobs.filter(done_at__isnull=False),
        }.get(self.value(), jobs)


class LookedAt(admin.ModelAdmin):
    """For admins to look at (a migration of `accounts` lets them); rows are made and changed by the house alone."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, row=None):
        return False

    def has_delete_permission(self, request, row=None):
        return False


@admin.register(Job)
class JobAdmin(LookedAt):
    list_display = ["name", "key", "state", "due", "attempts", "last_error", "done_at"]
    list_filter = [State, "name"]
    search_fields = ["name", "key"]
    actions = ["try_again"]

    @admin.action(description="Try again now", permissions=["view"])
    def try_again(self, request, jobs):
        """Due now, as if never tried; done in the background within seconds."""
        open_ones = jobs.open()
        for job in open_ones:
            job.try_again(timezone.now())
        self.message_user(request, f"{len(open_ones)} of the chosen are due now. What is done stays done.")


@dataclass(frozen=True)
class Line:
    """A mail that was chosen, and what will become of it."""

    mail: Mail

    @property
    def pk(self):
        return self.mail.pk

    def __str__(self):
        return f"{self.mail}, {self.mail.recipient} ({self.mail.get_state_display()})"

    @property
    def effect(self):
        if not Mail.objects.not_sent().filter(pk=self.pk).exists():
            return ""
        is_unclear = self.mail.state == Mail.State.UNCLEAR
        return _("Is sent again, and may arrive twice.") if is_unclear else _("Is sent again.")


@admin.register(Mail)
class MailAdmin(LookedAt):
    """What mails say is between us and whom they are for; it may hold links that act."""

    list_display = ["key", "recipient", "state", "made_at", "attempts", "last_error", "sent_at"]
    list_filter = ["state"]
    search_fields = ["key", "recipient"]
    exclude = ["text", "headers"]
    actions = ["send_again"]

    @admin.action(description="Send again (what is unclear may then arrive twice)", permissions=["view"])
    def send_again(self, request, mails):
        """Only what was not, or not surely, sent; asked about first, since mails cannot be called back."""
        if request.POST.get("post") != "yes":
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Send mails again"),
                "steps": [Line(mail) for mail in mails],
                "effective": mails.not_sent().exists(),
                "button": _("Send again"),
                "action": "send_again",
                "checkbox": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/confirm_action.html", context)
        now = timezone.now()
        again = mails.not_sent().update(state=Mail.State.WAITING, due=now, attempts=0, claimed_at=None)
        self.message_user(request, f"{again} of the chosen are sent again. What was sent stays sent.")
