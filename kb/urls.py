"""Which door answers which address."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("admin/", admin.site.urls),
    path(
        ".well-known/change-password",
        RedirectView.as_view(pattern_name="password_change"),
        name="change_password",
    ),
    path("account/", include("kb.accounts.urls")),
    path("", include("kb.api.urls")),
    path("desk/", include("kb.desk.urls")),
    path("", include("kb.portal.urls")),
]
handler400 = "kb.portal.errors.bad_request"
handler403 = "kb.portal.errors.forbidden"
handler404 = "kb.portal.errors.not_found"
handler500 = "kb.portal.errors.server_error"
