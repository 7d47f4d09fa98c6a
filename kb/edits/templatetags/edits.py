from django import template

register = template.Library()


@register.filter
def of(mapping, name):
    """The mapping's value of this name, or nothing."""
    return mapping.get(name, "")
