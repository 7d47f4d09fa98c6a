from django.contrib import admin

from kb.comments.models import Closed, Comment
from kb.edits.modeladmin import EditAdmin


@admin.register(Comment)
class CommentAdmin(EditAdmin):
    """To be read. What people said is not rewritten; an admin can delete it for good, with its replies."""

    list_display = ["name", "target", "state", "by_staff", "score", "made_at"]
    list_filter = ["state", "by_staff"]
    list_per_page = 50
    list_select_related = ["article", "code"]
    search_fields = ["text", "name", "article__slug", "code__value"]
    # Who left an address was told that it is never shown.
    exclude = [
        "email",
        "visitor",
        "html",
        "key",
        "words",
    ]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, comment=None):
        return False


@admin.register(Closed)
class ClosedAdmin(EditAdmin):
    list_display = ["target", "made_by", "made_at"]
    list_select_related = ["article", "code"]
    autocomplete_fields = ["article", "code"]

    def save_model(self, request, closed, form, change):
        closed.made_by = closed.made_by or request.user
        super().save_model(request, closed, form, change)
