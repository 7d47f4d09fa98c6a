from django.conf import settings
from django.contrib.auth import SESSION_KEY

POLICY = "Content-Security-Policy"
HEADERS = {
    POLICY: "; ".join(f"{name} {value}" for name, value in settings.CONTENT_SECURITY_POLICY.items()),
    "Reporting-Endpoints": 'csp="/csp/"',
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), interest-cohort=(), microphone=(), payment=(), usb=()",
}
TECHNICAL = {404, 500}  # Django's own pages for developers, which bring styles and script within them


class HeadersMiddleware:
    """What every answer carries beside Django's own security headers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        if settings.DEBUG and response.status_code in TECHNICAL:
            del response[POLICY]
        if is_for_one_person(request):
            response.setdefault("Cache-Control", "private, no-store")
        elif response.status_code == 301:  # without a limit, browsers keep it for good
            response.setdefault("Cache-Control", "max-age=3600")
        if request.is_secure():  # whatever SITE_URL says: who came by HTTPS sends no cookie without it
            _keep_to_https(response.cookies)
        return response


def _keep_to_https(cookies):
    for cookie in cookies.values():
        cookie["secure"] = True


def is_for_one_person(request):
    """True where the answer looked at the session of someone signed in; a stranger's session stays untouched."""
    session = getattr(request, "session", None)
    return session is not None and session.accessed and SESSION_KEY in session
