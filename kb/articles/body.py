"""An article's text: rendered with the sizes of the pictures it shows, or refused in a sentence."""

from django.apps import apps
from django.core.exceptions import ValidationError

from kb.codes import markers
from kb.text.markdown import Rendered, render
from kb.text.pictures import FOLDER


def rendered(source: str) -> Rendered:
    text = markers.rendered(source)
    return _sized(source, text, _sizes(text))


def checked(field: str, source: str) -> Rendered:
    """The text rendered, if all that it names is there; else a ValidationError on that field."""
    text = markers.checked(field, source, with_pictures=True)
    sizes = _sizes(text)
    unknown = sorted({*text.pictures} - {*sizes})
    if unknown:
        names = ", ".join(f"“{FOLDER}{name}”" for name in unknown)
        raise ValidationError(
            {field: f"There is no picture {names}. Add it first, or copy its line from the list of pictures."}
        )
    return _sized(source, text, sizes)


def _sized(source, text, sizes):
    """Rendered once more where there are pictures; what was remembered knows no sizes."""
    return render(source, sizes) if text.pictures else text


def _sizes(text):
    if not text.pictures:
        return {}
    found = apps.get_model("articles", "Picture").objects.filter(name__in=text.pictures)
    return {picture.name: (picture.width, picture.height) for picture in found}
