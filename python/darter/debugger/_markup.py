"""Markup that cannot be anything but what was meant: text is escaped unless it is markup already."""

from __future__ import annotations

import html

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, Optional, Union

    Content = Union[str, "Markup", None, Iterable[Union[str, "Markup", None]]]


class Markup:
    """HTML."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def tag(name: str, content: Content = None, **attributes: Optional[str]) -> Markup:
    """An element. A trailing underscore of an attribute's name falls off, others become hyphens; None leaves it out."""
    parts = ["<", name]
    for key, value in attributes.items():
        if value is not None:
            parts.append(' {}="{}"'.format(key.rstrip("_").replace("_", "-"), html.escape(value)))
    parts.append(">")
    return Markup("".join(parts) + join(content).text + "</" + name + ">")


def join(content: Content) -> Markup:
    """Its parts, one after another."""
    if content is None:
        return Markup("")
    if isinstance(content, Markup):
        return content
    if isinstance(content, str):
        return Markup(html.escape(content))
    return Markup("".join(join(part).text for part in content))
