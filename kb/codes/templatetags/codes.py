from django import template
from django.utils.safestring import mark_safe

from kb.codes import markers
from kb.delivery.addresses import code_address
from kb.text.markdown import plain_with_codes

register = template.Library()
register.simple_tag(code_address, name="code_at")


@register.simple_tag
def stamp(code, size=""):
    """A record's stamp, linked: {% stamp code %} or {% stamp code "s" %}."""
    return markers.stamp(code.value, f"{code.tone} {size}".strip(), code.get_absolute_url(), code.label)


@register.simple_tag
def spoken_stamp(value, code_class, registry):
    """The stamp of a value that may have no record."""
    tone = code_class.tone if code_class else "any"
    return markers.stamp(value, tone, code_address(registry.slug, value))


@register.filter
def with_codes(text):
    """Plain text whose codes become stamps when the page is put together."""
    return mark_safe(plain_with_codes(text))  # noqa: S308 (escaped there)
