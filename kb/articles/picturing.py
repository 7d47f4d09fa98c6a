"""What happens when a picture is added, read or removed has one address: here."""

import logging
from pathlib import PurePath

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction

from kb.articles.models import Picture
from kb.articles.preparing import mark_of, prepared
from kb.delivery.media import MediaAway

log = logging.getLogger(__name__)


def add(file: File, *, by=None, alt: str = "") -> Picture:
    """The picture in this file; one that is here already is that one. Raises PictureError in a person's words.

    The file comes first: a row without its file would be a broken picture, a file without a row is in nobody's way, and
    goes if the row cannot be written.
    """
    made = prepared(file)
    default_storage.save(Picture.file_of(made.name), ContentFile(made.data))
    if kept := Picture.objects.filter(name=made.name).first():
        return kept
    given = PurePath(file.name or "").name
    about = {
        "width": made.width,
        "height": made.height,
        "bytes": len(made.data),
        "given_name": given[-100:],
        "alt": Picture.alt_of(alt or PurePath(given).stem.replace("-", " ").replace("_", " ")),
        "added_by": by,
    }
    try:
        picture, _ = Picture.objects.get_or_create(name=made.name, defaults=about)
    except BaseException:
        _forget(made.name)
        raise
    return picture


def remove(picture: Picture) -> bool:
    """With its file; False, and nothing is done, while any revision shows it."""
    with transaction.atomic():
        locked = Picture.objects.select_for_update().filter(pk=picture.pk).first()
        if locked is None or locked.uses.exists():
            return locked is None
        name = locked.name
        locked.delete()
        transaction.on_commit(lambda: _forget(name))
    return True


def read(picture: Picture) -> bytes:
    """What lies in its file. Raises MediaAway where it cannot be read, for whatever reason: the row says that it is there.

    Browsers keep it under its name as long as they like, so it is sent only if it is what that name was made from.
    """
    try:
        with default_storage.open(picture.file_name) as file:
            data = file.read()
    except MediaAway:
        raise
    except OSError as problem:
        raise MediaAway(f"{picture.file_name}: {type(problem).__name__}") from None
    if not picture.name.startswith(f"{mark_of(data)}."):
        raise MediaAway(f"{picture.file_name}: not what was written there")
    return data


def _forget(name):
    """The file, unless a picture needs it. One that cannot be deleted now is left: nobody is shown it."""
    if Picture.objects.filter(name=name).exists():
        return
    try:
        default_storage.delete(Picture.file_of(name))
    except OSError as problem:
        log.error("The file %s could not be deleted: %s", Picture.file_of(name), type(problem).__name__)
