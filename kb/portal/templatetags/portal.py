from datetime import timedelta
from functools import lru_cache

import segno
from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from kb.portal.marking import marked

register = template.Library()

ICONS = {  # drawn on 24 × 24, stroked in the colour of the text
    "book": "M4 5.5A2.5 2.5 0 0 1 6.5 3H20v18H6.5A2.5 2.5 0 0 1 4 18.5zm0 13A2.5 2.5 0 0 1 6.5 16H20M9 7h6v5H9z",
    "contrast": "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18zm0 0v18m0-15l5-1m-5 5h8m-8 4h8m-8 4h5",
    "link": "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.300 1.300M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.300-1.300",
    "mail": "M3 6h18v12H3zm0 1l9 6 9-6",
    "print": "M7 9V3h10v6M7 17H4v-6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v6h-3m-10-3h10v7H7z",
    "share": "M12 15V3m-4 4l4-4 4 4M5 12v8h14v-8",
}
STALE_AFTER = timedelta(days=365)


@register.simple_tag
@lru_cache(maxsize=50)
def icon(name, size=18):
    return format_html(
        '<svg aria-hidden="true" width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="{1}"/></svg>',
        size,
        mark_safe(ICONS[name]),  # noqa: S308 (our own)
    )


@register.simple_tag
@lru_cache(maxsize=50)
def way(name):
    """The address of a page without a name of its own: what `url` works out anew for each link of each page."""
    return reverse(name)


@register.simple_tag
@lru_cache(maxsize=500)
def qr(address):
    """For a telephone that looks at paper; whoever reads the page by ear has the address beside it."""
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(border=0, svgclass="qr", lineclass=None, omitsize=True)
    return mark_safe(drawn.replace("<svg", '<svg aria-hidden="true"', 1))  # noqa: S308 (lines of our own)


register.filter(marked)


@register.simple_tag
def today():
    return _written(timezone.localdate())


@lru_cache(maxsize=2)
def _written(date):
    return date_format(date, "j F Y")


@register.filter
def day(moment):
    """A date or a moment as `<time>`, the day only."""
    if hasattr(moment, "tzinfo"):
        moment = timezone.localtime(moment).date()
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), date_format(moment, "j F Y"))


@register.filter
def moment(when):
    """A moment as `<time>`, to the minute."""
    local = timezone.localtime(when)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), date_format(local, "j F Y, H:i")
    )


@register.filter
def is_stale(reviewed_on):
    """Whether somebody should look at it again."""
    return reviewed_on < timezone.localdate() - STALE_AFTER
