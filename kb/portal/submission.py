"""What a refused POST had in its fields, so that the page of the refusal can give it back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django import forms
from django.core.exceptions import BadRequest, FieldDoesNotExist, SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import models
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.middleware.csrf import get_token

from kb.guard.origin import from_our_own_page, is_vouched_for

LONGEST = 1024 * 1024  # characters of all values; more than that is not sent back
SHORT = 60  # characters; longer values are shown in a text area
PASSWORD = re.compile(r"pass(word|phrase)", re.IGNORECASE)
SECRET = re.compile(r"token|secret", re.IGNORECASE)
MANAGEMENT = re.compile(r"-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$")
INLINE = re.compile(r"(?P<prefix>.+)-(?P<row>\d+)-(?P<name>\w+)")
# A UUID, a digest or a random key. People do not type those.
RANDOM = re.compile(r"[0-9a-f-]{20,}|(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{20,}")
UNREADABLE = (
    BadRequest,
    MultiPartParserError,
    OSError,
    RawPostDataException,
    SuspiciousOperation,
    UnreadablePostError,
)
TYPED_IN_MODELS = (
    models.CharField,
    models.TextField,
    models.DateField,
    models.TimeField,
)
CHOSEN_IN_FORMS = (forms.ChoiceField, forms.ModelChoiceField, forms.BooleanField)


@dataclass(frozen=True)
class PostedField:
    name: str
    label: str
    value: str = ""

    @property
    def is_long(self):
        return len(self.value) > SHORT or "\n" in self.value

    @property
    def rows(self):
        return min(12, 2 + self.value.count("\n") + len(self.value) // 80)


@dataclass
class Submission:
    """`may_resend`: the post came from a page of this site. Otherwise its values are somebody else's, and shown as text."""

    address: str
    may_resend: bool
    token: str = ""
    words: list[PostedField] = field(default_factory=list)
    others: list[PostedField] = field(default_factory=list)  # choices and hidden fields, sent again unseen
    passwords: list[PostedField] = field(default_factory=list)  # without their values
    files: list[PostedField] = field(default_factory=list)  # their names alone


class NoFiles(FileUploadHandler):
    """Notes the names of files and lets their contents go by: nothing of a refused post touches the disk."""

    def __init__(self, request=None):
        super().__init__(request)
        self.names: list[PostedField] = []

    def new_file(self, field_name, file_name, *args, **kwargs):
        self.names.append(PostedField(field_name, label_of(field_name), file_name))
        raise SkipFile

    def receive_data_chunk(self, raw_data, start):
        return None

    def file_complete(self, file_size):
        return None


def is_from_here(request: HttpRequest) -> bool:
    """Whether the browser itself says that a page of this site sent it."""
    return is_vouched_for(request) and from_our_own_page(request)


def submission_of(request: HttpRequest) -> Submission | None:
    """None where nothing was posted, or it cannot be read or is too long to be sent back."""
    if request.method != "POST":
        return None
    handler = NoFiles()
    try:
        if not hasattr(request, "_post"):
            request.upload_handlers = [handler]
        posted = [(name, value) for name, values in request.POST.lists() for value in values]
        files = [PostedField(name, label_of(name), file.name or "") for name, file in request.FILES.items()]
        may_resend = is_from_here(request)
    except UNREADABLE:
        return None
    if sum(len(value) for _, value in posted) > LONGEST:
        return None
    found = Submission(request.get_full_path(), may_resend, files=[*handler.names, *files])
    _sort(found, posted, request)
    match = request.resolver_match
    if may_resend and not getattr(match and match.func, "csrf_exempt", False):
        found.token = get_token(request)
    return found


def _sort(found, posted, request):
    model_admin = getattr(request.resolver_match and request.resolver_match.func, "model_admin", None)
    for name, value in posted:
        if PASSWORD.search(name):
            found.passwords.append(PostedField(name, label_of(name)))
        elif not SECRET.search(name):
            label, is_typed = _described(model_admin, name)
            is_word = value.strip() and (looks_typed(name, value) if is_typed is None else is_typed)
            (found.words if is_word else found.others).append(PostedField(name, label, value))


def looks_typed(name: str, value: str) -> bool:
    """A guess for fields that no model knows."""
    is_hidden = name.startswith("_") or MANAGEMENT.search(name) or RANDOM.fullmatch(value)
    return not is_hidden and any(letter.isalpha() for letter in value)


def label_of(name: str) -> str:
    return name.strip("_").replace("_", " ").replace("-", " ").capitalize()


def _described(model_admin, name) -> tuple[str, bool | None]:
    """The label of a field, and whether people type into it; the second is None where that is not known."""
    if model_admin is None or name.startswith("_") or MANAGEMENT.search(name):
        return label_of(name), None
    inline = INLINE.fullmatch(name)
    if inline:
        owners, own, row = model_admin.inlines, inline["name"], f" {int(inline['row']) + 1}"
    else:
        owners, own, row = [model_admin], name, ""
    for label, is_typed in _fields(owners, own):
        of_row = f"{label_of(inline['prefix'])}{row}: " if inline else ""
        return f"{of_row}{label[:1].upper()}{label[1:]}", is_typed
    return label_of(name), None


def _fields(owners, name) -> Iterator[tuple[str, bool]]:
    """As forms or models of these admin classes know it; a date and a time of one field are posted apart."""
    for own in (name, re.sub(r"_[01]$", "", name)):
        for owner in owners:
            declared = getattr(owner.form, "declared_fields", {}).get(own)
            if declared:
                is_typed = not isinstance(declared, CHOSEN_IN_FORMS) and not declared.widget.is_hidden
                yield str(declared.label or label_of(own)), is_typed
            try:
                known = owner.model._meta.get_field(own)
            except FieldDoesNotExist:
                continue
            is_typed = isinstance(known, TYPED_IN_MODELS) and not known.choices and not known.primary_key
            yield str(getattr(known, "verbose_name", label_of(own))), is_typed
