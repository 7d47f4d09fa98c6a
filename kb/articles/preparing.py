"""A file that somebody uploads, made a picture for readers: opened, turned upright, stripped, scaled down, written anew.

Pillow is imported where a picture is uploaded and nowhere else: a server that only serves never loads it.
"""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Any

from django.core.files.base import File

MOST_BYTES = 10_000_000
MOST_PIXELS = 50_000_000  # what the cameras of phones give; 200 MB while it is unpacked
WIDEST, TALLEST = 1600, 6400  # as shown; what is larger is scaled down
MOST_SCANS = 500  # of a JPEG; a dozen is usual, and each is a pass over all of it
LARGE_PNG = 400_000  # bytes, from which another form is tried: it is a photograph rather than a screenshot
SCAN = b"\xff\xda"  # begins one
ORIENTATION = 0x0112  # in EXIF, with how it is turned back
TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
WRITTEN = {"PNG": "PNG", "GIF": "PNG", "JPEG": "JPEG", "MPO": "JPEG", "WEBP": "WEBP"}
ENDINGS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
HOW: dict[str, dict[str, Any]] = {
    "PNG": {"optimize": True},
    "JPEG": {"quality": 85, "optimize": True, "progressive": True},
    "WEBP": {"quality": 85, "method": 5},
}
_one_at_a_time = Lock()  # unpacked, a large one takes more memory than all else together
TAKEN = "PNG, JPEG, WebP and still GIF pictures of up to 10 MB are taken."


class PictureError(ValueError):
    """Says what is wrong with the file, and what is taken."""


@dataclass(frozen=True)
class Prepared:
    data: bytes
    ending: str
    width: int
    height: int

    @property
    def name(self) -> str:
        """Of what is in it: the same picture has the same name, and under one name there is ever the same."""
        return f"{mark_of(self.data)}.{self.ending}"


def mark_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def prepared(file: File) -> Prepared:
    if (file.size or 0) > MOST_BYTES:
        raise PictureError(f"“{file.name}” has {file.size / 1e6:.1f} MB. {TAKEN}")
    source = _opened(file)
    kind = WRITTEN[source.format or "PNG"]
    with _one_at_a_time:
        try:
            picture = _upright(source)
        except Exception:  # whatever a damaged file makes the decoders say
            raise PictureError(
                f"“{file.name}” is damaged or not whole. Save it anew, and send it again."
            ) from None
        data, kind = _written(picture, kind)
    return Prepared(data, ENDINGS[kind], *picture.size)


def _opened(file):
    """Its head alone is read: how large it would be, and how long it would take, is known before anything is unpacked."""
    from PIL import Image

    too_many = f"“{file.name}” has more than {MOST_PIXELS // 10**6} million pixels. Make it smaller first."
    data = file.read()
    try:
        picture = Image.open(BytesIO(data), formats=FORMATS)
        pixels, moves = picture.width * picture.height, getattr(picture, "is_animated", False)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(too_many) from None
    except Exception:  # no picture, or one so damaged that its head cannot be read
        raise PictureError(f"“{file.name}” is no picture that can be shown here. {TAKEN}") from None
    if pixels > MOST_PIXELS:
        raise PictureError(too_many)
    if WRITTEN[picture.format or "PNG"] == "JPEG" and data.count(SCAN) > MOST_SCANS:
        raise PictureError(
            f"“{file.name}” comes in too many layers. Save it anew as a plain JPEG, and send it again."
        )
    if moves and picture.format != "MPO":  # which is a photograph with others beside it
        raise PictureError(f"“{file.name}” moves. {TAKEN} Take one moment of it, as a screenshot.")
    return picture


def _upright(source):
    """In plain colours and as EXIF says it is held, without EXIF, place, comments or anything else beside what is seen."""
    from PIL import Image

    source.draft("RGB", (WIDEST, WIDEST))  # JPEG: not unpacked larger than needed
    source.load()
    profile, turned = source.info.get("icc_profile"), source.getexif().get(ORIENTATION, 1)
    picture = _in_plain_colours(source)
    bounds = (WIDEST, TALLEST) if turned < 5 else (TALLEST, WIDEST)
    picture.thumbnail(bounds, Image.Resampling.LANCZOS)  # first, so that nothing large is copied
    if turned in TURNS:
        picture = picture.transpose(Image.Transpose[TURNS[turned]])
    picture = _as_screens_show_it(picture, profile)
    picture.info = {}
    return picture


def _in_plain_colours(picture):
    if picture.mode.startswith("I"):  # grey in 16 bits
        picture = picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    mode = "RGBA" if picture.has_transparency_data else "L" if picture.mode in {"1", "L"} else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def _as_screens_show_it(picture, profile):
    """Its own colour profile is not kept, so its colours are put into the one that all screens know."""
    if not profile or picture.mode == "L":
        return picture
    from PIL import ImageCms

    try:
        own, known = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, own, known, outputMode=picture.mode) or picture
    except (ImageCms.PyCMSError, OSError):  # not a profile of such a picture
        return picture


def _written(picture, kind):
    """A screenshot stays as sharp as it is; a photograph that came as PNG is sent in a tenth of it."""
    data = _encoded(picture, kind)
    if kind == "PNG" and len(data) > LARGE_PNG:
        other = _encoded(picture, "WEBP")
        if len(other) < len(data) / 3:
            return other, "WEBP"
    return data, kind


def _encoded(picture, kind):
    written = BytesIO()
    picture.save(written, kind, **HOW[kind])
    return written.getvalue()
