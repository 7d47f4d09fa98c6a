"""Pictures of this site's own: `![What it shows](/pictures/<name>)`, with their sizes so that nothing jumps when they come."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

FOLDER = "/pictures/"
Sizes = Mapping[str, tuple[int, int]]  # width and height by name


def name_of(address: str) -> str | None:
    """Of the picture at this address; None for an image that is kept elsewhere on this site."""
    return address.removeprefix(FOLDER) if address.startswith(FOLDER) else None


def prepare(element: Element, size: tuple[int, int] | None) -> None:
    """Asked for when a reader comes near it, and with its place kept free until then."""
    element.attrib.update({"loading": "lazy", "decoding": "async"})
    if size:
        width, height = size
        element.attrib.update({"width": str(width), "height": str(height)})


def markdown(alt: str, name: str) -> str:
    """What an editor writes to show it."""
    return f"![{alt}]({FOLDER}{name})"
