from django.conf import settings
from django.contrib.auth.views import LoginView


class SignIn(LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True
    extra_context = {"site_name": settings.SITE_NAME}  # Django's own is the host name
