"""The part of the page that shows an exception: its frames, what led to it, the exceptions of a group."""

from __future__ import annotations

import os

from darter.debugger._highlight import lines_of
from darter.debugger._markup import Markup, join, tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple

    from darter.debugger._source import Source
    from darter.debugger._trace import Frame, Raised

_RELATIONS = {
    "cause": "Caused by",
    "context": "While handling",
}


def headline(raised: Raised, level: str) -> Markup:
    """Type, message and notes."""
    module, dot, name = raised.type.rpartition(".")
    return join(
        [
            tag(level, [tag("span", module + dot, class_="module") if dot else None, name], class_="type"),
            _message(raised),
        ]
    )


def _message(raised: Raised) -> Markup:
    return join(
        [
            tag("pre", raised.message, class_="message") if raised.message else None,
            tag("ul", [tag("li", tag("pre", note)) for note in raised.notes], class_="notes") if raised.notes else None,
        ]
    )


def exception(raised: Raised) -> Markup:
    """The frames of an exception, its members, and the exceptions that led to it."""
    parts = [_body(raised)]
    for before in raised.chain:
        title = tag("p", _RELATIONS[before.relation], class_="relation")
        parts.append(tag("section", [title, headline(before, "h2"), _body(before)], class_="before"))
    return join(parts)


def _body(raised: Raised) -> Markup:
    return join(
        [
            _place(*raised.place) if raised.place else None,
            _members(raised) if raised.members else None,
            tag("div", _frames(raised), class_="frames") if raised.frames else None,
        ]
    )


def _members(raised: Raised) -> Markup:
    parts: List[Markup] = []
    for number, member in enumerate(raised.members, 1):
        summary = [
            tag("span", "{} of {}".format(number, len(raised.members) + raised.members_left_out), class_="count"),
            tag("b", member.type),
            tag("span", member.message.partition("\n")[0][:300], class_="brief"),
        ]
        content = [tag("summary", summary), _message(member), exception(member)]
        parts.append(tag("details", content, class_="member", open="" if number == 1 else None))
    if raised.members_left_out:
        parts.append(tag("p", "{} more are not shown.".format(raised.members_left_out), class_="quiet"))
    return tag("div", parts, class_="members")


def _frames(raised: Raised) -> List[Markup]:
    """The latest first; those of libraries between the application's folded together."""
    parts: List[Markup] = []
    libraries: List[Frame] = []
    opened = next((frame for frame in reversed(raised.frames) if not frame.is_library), raised.frames[-1])
    half = len(raised.frames) // 2

    def fold() -> None:
        if libraries:
            parts.append(_folded(libraries))
            libraries.clear()

    for index, frame in reversed(list(enumerate(raised.frames))):
        if raised.frames_left_out and index == half - 1:
            fold()
            parts.append(tag("p", "{} frames are left out here.".format(raised.frames_left_out), class_="quiet"))
        if frame.is_library and frame is not opened:
            libraries.append(frame)
        else:
            fold()
            parts.append(_frame(frame, is_open=True, shows_variables=frame is opened))
    fold()
    return parts


def _folded(frames: List[Frame]) -> Markup:
    packages: List[str] = []
    for frame in frames:
        package = frame.module.partition(".")[0]
        if package and package not in packages:
            packages.append(package)
    text = "{} in {}".format("1 frame" if len(frames) == 1 else "{} frames".format(len(frames)), ", ".join(packages[:4]) or "libraries")
    return tag("details", [tag("summary", text), *[_frame(frame, is_open=False, shows_variables=False) for frame in frames]], class_="folded")


def _frame(frame: Frame, is_open: bool, shows_variables: bool) -> Markup:
    summary = [
        tag("b", frame.function if frame.function != "<module>" else frame.module or "<module>", class_="function"),
        tag("span", [*_file(frame.file), tag("span", ":{}".format(frame.line), class_="number")], class_="file", title=frame.file),
    ]
    return tag(
        "details",
        [
            tag("summary", summary),
            _source(frame.source) if frame.source.lines else tag("p", "There is no source.", class_="quiet"),
            _variables(frame, shows_variables),
        ],
        class_="frame library" if frame.is_library else "frame",
        open="" if is_open else None,
        data_frame=str(frame.number),
    )


def _place(file: str, source: Source) -> Markup:
    summary = tag("summary", tag("span", [*_file(file), tag("span", ":{}".format(source.span.line), class_="number")], class_="file", title=file))
    return tag("details", [summary, _source(source)], class_="frame place", open="")


def _source(source: Source) -> Markup:
    rows: List[Markup] = []
    for number, line in lines_of(source):
        is_meant = source.span.line <= number <= source.span.end_line
        row = [tag("span", str(number), class_="number"), tag("code", Markup(line or " "))]
        rows.append(tag("div", row, class_="line meant" if is_meant else "line"))
    return tag("div", tag("div", rows, class_="lines"), class_="source", tabindex="0")


def _variables(frame: Frame, is_open: bool) -> Optional[Markup]:
    if not frame.variables:
        return None
    rows = pairs(frame.variables)
    more = tag("p", "{} more are not shown.".format(frame.more_variables), class_="quiet") if frame.more_variables else None
    summary = tag("summary", ["Variables ", tag("span", str(len(frame.variables)), class_="count")])
    return tag("details", [summary, rows, more], class_="variables", open="" if is_open else None)


def pairs(entries: List[Tuple[str, str]]) -> Markup:
    """A table of names and values."""
    return tag("dl", [tag("div", [tag("dt", name), tag("dd", value)]) for name, value in entries], class_="pairs")


def _file(file: str) -> List[Markup]:
    """The folder and the name of a file: within the current folder, or after the folder of installed packages."""
    shown = file
    if os.path.isabs(file):
        for mark in ("/site-packages/", "/dist-packages/"):
            if mark in file:
                shown = file.rpartition(mark)[2]
                break
        else:
            relative = os.path.relpath(file)
            shown = relative if not relative.startswith("..") else file
    folder, slash, name = shown.rpartition("/")
    return [tag("span", folder + slash, class_="folder"), tag("span", name)]
