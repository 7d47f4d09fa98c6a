"""What a person gave us to read: a text typed or pasted, or a mail as a file. It lives as long as the request."""

from dataclasses import dataclass
from io import BytesIO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

READ_AT_MOST = 256 * 1024
OUTLOOK = bytes.fromhex("d0cf11e0a1b11ae1")  # how Outlook's own .msg files begin


@dataclass(frozen=True)
class Given:
    source: str | bytes
    was_cut: bool = False

    @property
    def is_file(self) -> bool:
        return isinstance(self.source, bytes)

    @property
    def is_outlook(self) -> bool:
        return isinstance(self.source, bytes) and self.source.startswith(OUTLOOK)

    @property
    def is_no_text(self) -> bool:
        """A picture, a PDF, a program: no mail as text holds a zero byte near its beginning."""
        return isinstance(self.source, bytes) and b"\x00" in self.source[:4096]

    @property
    def text(self) -> str:
        return self.source.decode("utf-8", "replace") if isinstance(self.source, bytes) else self.source


def take(request, *, text: str, file: str) -> Given:
    """From the fields of these names; a chosen file goes before a text."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise RequestDataTooBig("More than we read, so nothing of it was.")
    request.upload_handlers = [Beginning(request)]
    chosen, typed = request.FILES.get(file), request.POST.get(text, "")
    if chosen and chosen.size:
        return Given(chosen.read(), chosen.size > READ_AT_MOST)
    return Given(typed[:READ_AT_MOST], len(typed) > READ_AT_MOST)


class Beginning(FileUploadHandler):
    """Keeps the first part of a file in memory and lets the rest go by; nothing touches the disk."""

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()

    def receive_data_chunk(self, raw_data, start):
        self.kept.write(raw_data[: max(0, READ_AT_MOST - start)])

    def file_complete(self, file_size):
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name, self.content_type, file_size, self.charset
        )
