from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from kb.accounts import roles

NO_EDITOR = "Only editors and admins can open the admin. Ask an admin for that right."


class EditorSite(AdminSite):
    """The admin, open to editors and admins whether or not their staff box is ticked."""

    site_header = "Codebook"
    site_title = "Codebook"
    index_title = "Edit the knowledgebase"
    enable_nav_sidebar = True

    def has_permission(self, request):
        return roles.is_editor(request.user)

    def login(self, request, extra_context=None):
        """One sign-in for the whole site; whoever is signed in without the right is told so."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied(NO_EDITOR)
        target = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(target, login_url=reverse("login"))
