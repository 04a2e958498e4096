"""Colours for Python source: which characters of a line are a keyword, a string and so on."""

from __future__ import annotations

import html
import io
import keyword
import tokenize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Tuple

    from darter.debugger._source import Source

    #: Start, end and class of a piece of a line.
    Piece = Tuple[int, int, str]

_KINDS: Dict[int, str] = {tokenize.STRING: "s", tokenize.COMMENT: "c", tokenize.NUMBER: "n"}
# Since Python 3.12 an f-string is several tokens, since 3.14 so is a t-string.
for _name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END", "TSTRING_START", "TSTRING_MIDDLE", "TSTRING_END"):
    if hasattr(tokenize, _name):
        _KINDS[getattr(tokenize, _name)] = "s"


#: Characters of a line that are shown; what is longer was not written by hand.
WIDTH = 1000
#: Lines from the beginning of a file that are looked at for colours. Further down, strings of several lines may be missed.
_MOST = 5000


def lines_of(source: Source) -> List[Tuple[int, str]]:
    """Number and HTML of each line of the source."""
    last = source.first + len(source.lines)
    pieces = _pieces(source.all, 0, last) if last <= _MOST else _pieces(source.lines, source.first - 1, last)
    numbered = enumerate((line if len(line) <= WIDTH else line[:WIDTH] + "…" for line in source.lines), source.first)
    return [(number, _line(line, pieces.get(number, []), source.span.columns(number, len(line)))) for number, line in numbered]


def _pieces(lines: List[str], before: int, last: int) -> Dict[int, List[Piece]]:
    """The pieces of each line, by its number; ``before`` is how many lines of the file come before these."""
    found: Dict[int, List[Piece]] = {}
    previous = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            (line, start), (end_line, end) = token.start, token.end
            if line + before > last:
                break
            kind = _KINDS.get(token.type)
            if token.type == tokenize.NAME:
                kind = "k" if keyword.iskeyword(token.string) else "f" if previous in ("def", "class") else None
            previous = token.string
            if kind is None:
                continue
            for number in range(line, end_line + 1):
                piece = (start if number == line else 0, end if number == end_line else len(lines[number - 1]), kind)
                found.setdefault(number + before, []).append(piece)
    except (tokenize.TokenError, SyntaxError, IndexError):
        # What comes after it stays without colours.
        pass
    return found


def _line(line: str, pieces: List[Piece], marked: Optional[range]) -> str:
    """HTML of a line, with the characters that are meant in ``<mark>``. Its only markup is made here."""
    whole = marked is None or (not line[: marked.start].strip() and not line[marked.stop :].strip())
    edges = {0, len(line)} | {edge for piece in pieces for edge in piece[:2]}
    if marked is not None and not whole:
        edges |= {marked.start, marked.stop}
    parts: List[str] = []
    places = sorted(edge for edge in edges if edge <= len(line))
    is_open = False
    for start, end in zip(places, places[1:]):
        inside = marked is not None and not whole and start in marked
        if inside != is_open:
            parts.append("<mark>" if inside else "</mark>")
            is_open = inside
        text = html.escape(line[start:end])
        kind = next((piece[2] for piece in pieces if piece[0] <= start < piece[1]), None)
        parts.append('<i class="{}">{}</i>'.format(kind, text) if kind else text)
    return "".join(parts) + ("</mark>" if is_open else "")
