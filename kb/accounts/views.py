from django.conf import settings
from django.contrib.auth.views import LoginView

from kb.guard.throttle import let_in


class SignIn(LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True
    extra_context = {"site_name": settings.SITE_NAME}  # Django's own is the host name

    def post(self, request, *args, **kwargs):
        """Tries are counted by where they come from and by the name they try, known here or not."""
        let_in(request, "login", about=request.POST.get("username", "")[:150])
        return super().post(request, *args, **kwargs)
