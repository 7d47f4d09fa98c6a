from datetime import timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def of(mapping, name):
    """The mapping's value of this name, or nothing."""
    return mapping.get(name, "")


@register.filter
def ago(moment):
    """How long ago it was, in words."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("just now")
    return _("%s ago") % timesince(moment)
