from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from kb.accounts import roles
from kb.articles.models import ARTICLES
from kb.codes import values
from kb.codes.advising import actors_of, causes_of, steps_for, steps_for_code
from kb.codes.markers import all_classes
from kb.codes.models import CODES, Cause, Code, CodeClass, Provider, Registry, Wording
from kb.codes.spoken import speak, surroundings
from kb.portal.by_role import by_role
from kb.portal.listing import articles_about, articles_citing
from kb.portal.pages import ask_about, comments_below, moved, page


@require_safe
@by_role
def registries(request):
    return page(
        request, "portal/registries.html", {"registries": Registry.objects.with_counts()}, targets=[CODES]
    )


@require_safe
@by_role
def registry(request, slug):
    """All codes of a registry, an anchor each; `/codes/550/` is a code of the default registry."""
    found = Registry.objects.filter(slug=slug).first()
    if found is None:
        return code_shortcut(request, slug)
    context = {
        "registry": found,
        "classes": found.classes.with_codes(),
        "subjects": found.subjects.with_codes(),
        "causes": Cause.objects.all(),
        "providers": Provider.objects.all(),
    }
    return page(request, "portal/registry.html", context, targets=[CODES])


@require_safe
@by_role
def card(request, slug):
    found = get_object_or_404(Registry, slug=slug)
    context = {
        "registry": found,
        "classes": found.classes.with_codes(),
        "subjects": found.subjects.with_codes(),
    }
    return page(request, "portal/card.html", context, targets=[CODES])


@require_safe
def code_shortcut(request, value):
    default = get_object_or_404(Registry, is_default=True)
    if not CodeClass.objects.filter(registry=default, slug=value).exists() and speak(default, value) is None:
        raise Http404(f"“{value}” is no code we know.")
    return moved(request, "codes_at", default.slug, value, targets=[CODES])


@require_safe
@by_role
def codes_at(request, slug, value):
    """The page of a class (5xx) or of a code (550, 5.1.1) of this registry."""
    classes = [code_class for code_class in all_classes() if code_class.registry.slug == slug]
    code_class = next((code_class for code_class in classes if code_class.slug == value), None)
    if code_class:
        return class_page(request, code_class, classes)
    found = classes[0].registry if classes else get_object_or_404(Registry, slug=slug)
    return code(request, found, value)


def class_page(request, code_class, classes):
    """`classes` are those of its registry, in order."""
    place = classes.index(code_class)
    context = {
        "registry": code_class.registry,
        "code_class": code_class,
        "codes": code_class.codes.replies().for_table(),
        "previous": classes[place - 1] if place else None,
        "next": classes[place + 1] if place + 1 < len(classes) else None,
        "steps": steps_for(code_class, staff=roles.is_agent(request.user)),
    }
    return page(request, "portal/class.html", context, targets=[CODES])


def code(request, registry, value):
    spoken = get_spoken(registry, value)
    if values.GENERAL.fullmatch(value):
        return moved(request, spoken.record, targets=[CODES])
    return code_page(request, spoken)


def code_page(request, spoken, *, form=None):
    """`form` is an answer to “Did you find this useful?” that could not be taken."""
    record, address = spoken.record, spoken.get_absolute_url()
    around = surroundings(spoken)
    wordings = list(Wording.objects.for_code(spoken.value))
    causes = causes_of(spoken, wordings)
    context = {
        "registry": spoken.registry,
        "code": spoken,
        "causes": causes,
        "who_acts": actors_of(spoken, causes),
        "steps": steps_for_code(spoken, causes, wordings, staff=roles.is_agent(request.user)),
        "wordings": wordings,
        "paired": around.paired,
        "neighbours": (around.before, around.after),
        "articles": articles_citing(spoken.rows, request.user, 5),
        "canonical": address,
        "question": record and ask_about(request, record, address, form),
        "discussion": record and comments_below(request, record, address),
    }
    if form or not record:
        return page(request, "portal/code.html", context, status=422 if form else 200, indexed=False)
    target = f"code:{spoken.registry.slug}/{spoken.value}"
    return page(request, "portal/code.html", context, targets=[CODES, target], counted=target)


def get_spoken(registry, value):
    spoken = speak(registry, value)
    if spoken is None:
        raise Http404(f"“{value}” is no code of {registry.name}.")
    return spoken


@require_safe
@by_role
def cause(request, slug):
    found = get_object_or_404(Cause, slug=slug)
    context = {
        "cause": found,
        "steps": steps_for(found, staff=roles.is_agent(request.user)),
        "codes": Code.objects.caused_by(found),
        "wordings": Wording.objects.filter(cause=found).for_page(),
        "articles": articles_about(found, request.user, 5),
    }
    return page(request, "portal/cause.html", context, targets=[CODES, ARTICLES, *found.page_targets])


@require_safe
@by_role
def provider(request, slug):
    found = get_object_or_404(Provider, slug=slug)
    context = {"provider": found, "wordings": found.wordings.for_page()}
    return page(request, "portal/provider.html", context, targets=[CODES, *found.page_targets])
