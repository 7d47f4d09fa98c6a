from django.contrib import admin
from django.utils import timezone

from kb.jobs.models import MOST_ATTEMPTS, Job


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


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """To be looked at by admins (a migration of `accounts` lets them); work is made and done by the house alone."""

    list_display = ["name", "key", "state", "due", "attempts", "last_error", "done_at"]
    list_filter = [State, "name"]
    search_fields = ["name", "key"]
    actions = ["try_again"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, job=None):
        return False

    def has_delete_permission(self, request, job=None):
        return False

    @admin.action(description="Try again now", permissions=["view"])
    def try_again(self, request, jobs):
        """Due now, as if never tried; done in the background within seconds."""
        open_ones = jobs.open()
        for job in open_ones:
            job.try_again(timezone.now())
        self.message_user(request, f"{len(open_ones)} of the chosen are due now. What is done stays done.")
