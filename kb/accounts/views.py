from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kb.accounts import roles
from kb.accounts.attempts import Attempt
from kb.accounts.passwords import ResetForm
from kb.guard.throttle import TooManyTries, let_in


class SignIn(views.LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True
    extra_context = {"site_name": settings.SITE_NAME}  # Django's own is the host name

    def post(self, request, *args, **kwargs):
        self.attempt = Attempt.of(request)
        if wait := self.attempt.wait():
            raise TooManyTries(wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        return self.attempt.succeeded(super().form_valid(form))

    def form_invalid(self, form):
        self.attempt.failed()
        return super().form_invalid(form)


@never_cache
@login_required
@require_safe
def account(request):
    return render(request, "accounts/account.html", {"role": roles.in_words(request.user)})


class PasswordChange(views.PasswordChangeView):
    template_name = "accounts/password_change.html"

    def post(self, request, *args, **kwargs):
        """Whoever sits down at somebody else's screen guesses no faster than at the sign-in."""
        let_in(request, "login")
        return super().post(request, *args, **kwargs)


class PasswordReset(views.PasswordResetView):
    template_name = "accounts/password_reset.html"
    form_class = ResetForm

    def post(self, request, *args, **kwargs):
        let_in(request, "password_reset")
        return super().post(request, *args, **kwargs)


class PasswordResetConfirm(views.PasswordResetConfirmView):
    template_name = "accounts/password_reset_confirm.html"


class Done(views.TemplateView):
    """What was done with a password, in a sentence, and where to go on."""

    template_name = "accounts/done.html"
    heading = sentence = label = ""
    address = reverse_lazy("account")

    def get_context_data(self, **context):
        told = {name: getattr(self, name) for name in ("heading", "sentence", "label", "address")}
        return super().get_context_data(**told, **context)


password_change_done = login_required(
    Done.as_view(
        heading=_("Your password is changed"),
        sentence=_("You are still signed in here, and nowhere else: other browsers have to sign in anew."),
        label=_("To your account"),
    )
)
password_reset_done = Done.as_view(
    heading=_("Look into your mail"),
    sentence=_(
        "If there is an account with this address, a mail with a link is on its way. The link works once, within a day. "
        "If nothing comes within some minutes, look among the spam."
    ),
    label=_("To the sign-in"),
    address=reverse_lazy("login"),
)
password_reset_complete = Done.as_view(
    heading=_("Your new password is set"),
    sentence=_("Whoever was signed in with the old one has to sign in anew."),
    label=_("Sign in"),
    address=reverse_lazy("login"),
)
