from django.conf import settings
from django.utils.functional import SimpleLazyObject

from kb.accounts import roles


def site(request):
    """What the frame of every page needs."""
    return {
        "site_name": settings.SITE_NAME,
        "portal_name": settings.PORTAL_NAME,
        "operator": settings.OPERATOR,
        "support_email": settings.SUPPORT_EMAIL,
        "site_url": settings.SITE_URL,
        "section": request.path.split("/", 2)[1],
        "is_agent": SimpleLazyObject(lambda: roles.is_agent(request.user)),
        "is_editor": SimpleLazyObject(lambda: roles.is_editor(request.user)),
    }
