"""The source around a line, and which part of it is meant."""

from __future__ import annotations

import itertools
import linecache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Dict, List, Optional

#: Lines shown before and after.
AROUND = 6


class Span:
    """What of the source is meant: lines from 1 on, columns in characters from 0 on, the end excluded; None: not known."""

    __slots__ = ("line", "end_line", "column", "end_column")

    def __init__(self, line: int, end_line: Optional[int] = None, column: Optional[int] = None, end_column: Optional[int] = None) -> None:
        self.line = line
        self.end_line = end_line if end_line is not None and end_line >= line else line
        self.column = column
        self.end_column = end_column

    def columns(self, line: int, length: int) -> Optional[range]:
        """The columns that are meant in a line of this length."""
        if self.column is None or self.end_column is None or not self.line <= line <= self.end_line:
            return None
        start = self.column if line == self.line else 0
        end = self.end_column if line == self.end_line else length
        return range(min(start, length), min(end, length))


class Source:
    """Lines of a file around a span, as they are on the disk now."""

    def __init__(self, file: str, span: Span, names: Optional[Dict[str, Any]] = None) -> None:
        linecache.checkcache(file)
        #: All lines of the file: what a string or comment is, is known from its beginning.
        self.all = [line.rstrip("\r\n") for line in linecache.getlines(file, names)]
        self.span = span
        self.first = max(1, span.line - AROUND)
        last = min(span.end_line, span.line + 3 * AROUND)
        self.lines = self.all[self.first - 1 : last + AROUND] if span.line <= len(self.all) else []
        # Empty lines at the ends tell nothing.
        while self.lines and self.first < span.line and not self.lines[0].strip():
            self.first += 1
            self.lines.pop(0)
        while self.first + len(self.lines) - 1 > last and not self.lines[-1].strip():
            self.lines.pop()


def span_of(trace: TracebackType) -> Span:
    """Where a traceback's entry is: the whole expression from Python 3.11 on, else the line."""
    line = trace.tb_lineno or 1
    positions = getattr(trace.tb_frame.f_code, "co_positions", None)
    if positions is None or trace.tb_lasti < 0:
        return Span(line)
    found = next(itertools.islice(positions(), trace.tb_lasti // 2, None), None)
    if found is None or None in found[:2]:
        return Span(line)
    start, end, column, end_column = found
    if start != line or column is None or end_column is None:
        return Span(line)
    file, names = trace.tb_frame.f_code.co_filename, trace.tb_frame.f_globals
    lines = linecache.getlines(file, names)
    return Span(start, end, _characters(lines, start, column), _characters(lines, end, end_column))


def _characters(lines: List[str], line: int, offset: int) -> int:
    """A column in characters of one in bytes of UTF-8, as code objects have them."""
    if line > len(lines):
        return offset
    return len(lines[line - 1].encode("utf-8", "replace")[:offset].decode("utf-8", "ignore"))
