from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse

from kb.accounts import roles
from kb.accounts.changelists import ChangelistParameters

NO_EDITOR = "Only editors and admins can open the admin. Ask an admin for that right."


class EditorSite(AdminSite):
    """The admin, open to editors and admins whether or not their staff box is ticked."""

    site_header = "Codebook"
    site_title = "Codebook"
    index_title = "Edit the knowledgebase"
    enable_nav_sidebar = True

    def register(self, model_or_iterable, admin_class=None, **options):
        """No admin can forget the rules of changelists."""
        given = admin_class or ModelAdmin
        ruled = type(given.__name__, (ChangelistParameters, given), {"__module__": given.__module__})
        super().register(model_or_iterable, ruled, **options)

    def has_permission(self, request):
        return roles.is_editor(request.user)

    def login(self, request, extra_context=None):
        """One sign-in for the whole site; whoever is signed in without the right is told so."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied(NO_EDITOR)
        target = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(target, login_url=reverse("login"))

    def password_change(self, request, extra_context=None):
        """One page for everybody."""
        return redirect("password_change")
