"""The records behind the rows of the index, by kind: a few columns of those that are shown, in one query a kind."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse

from kb.accounts import roles
from kb.articles.models import Revision, Topic
from kb.codes.models import Cause, Code, CodeClass, Provider, Registry, Wording
from kb.delivery.addresses import address, code_address
from kb.text.plain import excerpt

THESE = "these_records"
MADE: dict[tuple[str, int], tuple[str, tuple]] = {}  # SQL takes Django longer to write than it takes to run


@dataclass(frozen=True)
class Record:
    title: str
    body: str
    url: str
    trail: str = ""
    code: Code | None = None


@dataclass(frozen=True)
class Kind:
    """Which columns of the records of a kind are read, and what is made of them."""

    label: str
    records: Callable[..., QuerySet]  # those that a person may read, by what the role alone decides
    columns: tuple[str, ...]
    record: Callable[..., Record]


def read(kind: str, records: Iterable[int], user) -> dict[int, Record]:
    """Those of these records that this person may read."""
    role = roles.role_of(user)
    made = MADE.get((kind, role)) or MADE.setdefault((kind, role), _written(kind, KINDS[kind].records(user)))
    return _read(kind, made, records)


def read_any(kind: str, records: Iterable[int]) -> dict[int, Record]:
    """Whoever may read them: for words that are learned, which are offered only to those who may."""
    return _read(kind, _written(kind, KINDS[kind].records(None)), records)


def _written(kind, queryset):
    """With the place of the records' numbers last."""
    these = queryset.order_by().filter(pk__in=RawSQL(THESE, ()))  # noqa: S611
    return these.values_list("pk", *KINDS[kind].columns).query.sql_with_params()


def _read(kind, made, records):
    (sql, values), numbers = made, list(records)
    marks = ", ".join(["%s"] * len(numbers))  # the same words each time are read by the engine once
    with connection.cursor() as cursor:
        cursor.execute(sql.replace(THESE, marks or "NULL"), [*values, *numbers])
        return {pk: KINDS[kind].record(pk, *columns) for pk, *columns in cursor.fetchall()}


def _all(model):
    return lambda user: model.objects.all()


def _revisions(user):
    return Revision.objects.readable_by(user) if user else Revision.objects.all()


def _article(pk, title, plain, summary, slug, topic):
    return Record(title, plain or summary, address("article", slug), topic)


def _code(pk, value, usual_digit, label, meaning, precise, other_uses, registry, registry_name, outcome):
    """With as much of a code as its stamp and its address need."""
    code_class = CodeClass(outcome=outcome) if outcome else None
    code = Code(pk=pk, value=value, usual_digit=usual_digit, label=label, code_class=code_class)
    code.registry = Registry(slug=registry, name=registry_name)
    url = code_address(registry, code.usual_value)
    return Record(label, _said(meaning, precise, other_uses), url, registry_name, code)


def _cause(pk, name, meaning, how_to_tell, in_brief, slug):
    return Record(name, _said(meaning, how_to_tell), address("cause", slug), in_brief)


def _provider(pk, name, summary, kind, slug):
    return Record(name, summary, address("provider", slug), Provider(kind=kind).get_kind_display())


def _wording(pk, meaning, samples, provider, provider_slug, cause_slug):
    """Where it stands: on its provider's page, or, if it is anyone's, on its cause's."""
    place = ("provider", provider_slug) if provider_slug else ("cause", cause_slug)
    url = f"{address(*place)}#wording-{pk}" if place[1] else reverse("registries")
    return Record(excerpt(meaning, 100), samples, url, provider or "")


def _topic(pk, name, summary, slug):
    return Record(name, summary, address("topic", slug))


def _said(*texts):
    return " ".join(filter(None, texts))


KINDS = {
    "article": Kind(
        "Articles",
        _revisions,
        ("title", "plain", "summary", "article__slug", "article__topic__name"),
        _article,
    ),
    "code": Kind(
        "Codes",
        _all(Code),
        (
            *("value", "usual_digit", "label", "meaning", "precise", "other_uses"),
            *("registry__slug", "registry__name", "code_class__outcome"),
        ),
        _code,
    ),
    "cause": Kind("Causes", _all(Cause), ("name", "meaning", "how_to_tell", "in_brief", "slug"), _cause),
    "provider": Kind("Providers", _all(Provider), ("name", "summary", "kind", "slug"), _provider),
    "wording": Kind(
        "Wordings",
        _all(Wording),
        ("meaning", "samples", "provider__name", "provider__slug", "cause__slug"),
        _wording,
    ),
    "topic": Kind("Topics", _all(Topic), ("name", "summary", "slug"), _topic),
}
