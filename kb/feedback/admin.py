from django.contrib import admin
from django.db.models import Prefetch

from kb.articles.models import Revision
from kb.edits.modeladmin import EditAdmin
from kb.feedback.models import TARGETS, Ask, Vote


class KindFilter(admin.SimpleListFilter):
    title = "what it is about"
    parameter_name = "about"

    def lookups(self, request, model_admin):
        return [(target, f"{target.capitalize()}s") for target in TARGETS]

    def queryset(self, request, votes):
        return votes.filter(**{f"{self.value()}__isnull": False}) if self.value() in TARGETS else votes


@admin.register(Vote)
class VoteAdmin(EditAdmin):
    """To be read. What readers said is not rewritten; an admin can delete what should not have been sent."""

    list_display = ["target", "version", "figure", "useful", "reason", "text", "changed_at"]
    list_filter = [KindFilter, "useful", "reason"]
    list_per_page = 50
    search_fields = ["text", "article__slug", "code__value"]
    exclude = ["visitor"]

    def get_queryset(self, request):
        titles = Prefetch(
            "article__revisions", Revision.objects.shown().without_text(), to_attr="shown_revisions"
        )
        votes = super().get_queryset(request).select_related("article", "code")
        return votes.prefetch_related(titles).with_figures()

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, vote=None):
        return False

    @admin.display(description="found this text useful")
    def figure(self, vote):
        return f"{vote.yes} of {vote.all}"


class GapFilter(admin.SimpleListFilter):
    title, parameter_name = "gaps", "gaps"

    def lookups(self, request, model_admin):
        return [("yes", "Without a good answer")]

    def queryset(self, request, asks):
        return asks.gaps() if self.value() == "yes" else asks


@admin.register(Ask)
class AskAdmin(EditAdmin):
    """To be read: what is asked most, and what has no good answer yet. Those alike stand together."""

    list_display = ["skeleton", "kind", "outcome", "times", "alike", "first_day", "last_day"]
    list_filter = [GapFilter, "kind", "outcome", "last_day"]
    list_per_page = 100
    search_fields = ["skeleton"]
    show_full_result_count = False

    def get_queryset(self, request):
        return Ask.objects.with_alike()

    def get_ordering(self, request):
        return ["-alike", "cluster", "-times", "pk"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, ask=None):
        return False

    @admin.display(description="times with those alike", ordering="alike")
    def alike(self, ask):
        return ask.alike
