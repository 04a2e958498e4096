"""Tables as aligned text and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Sequence


@dataclass
class Table:
    title: str
    columns: Sequence[str]
    """The first is a label and set flush left, the others flush right."""
    rows: List[Sequence[str]] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)


def to_text(table: Table) -> str:
    widths = [max(len(row[index]) for row in [table.columns, *table.rows]) for index in range(len(table.columns))]
    lines = [table.title, _text_line(table.columns, widths), "  ".join("-" * width for width in widths)]
    lines += [_text_line(row, widths) for row in table.rows]
    lines += [f"  {note}" for note in table.notes]
    return "\n".join(lines) + "\n"


def to_markdown(table: Table) -> str:
    lines = [
        f"### {table.title}",
        "",
        _markdown_line(table.columns),
        _markdown_line(["---"] + ["---:"] * (len(table.columns) - 1)),
    ]
    lines += [_markdown_line(row) for row in table.rows]
    if table.notes:
        lines.append("")
        lines += [f"- {note}" for note in table.notes]
    return "\n".join(lines) + "\n"


def _text_line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cells[0].ljust(widths[0])]
    padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]
    return "  ".join(padded).rstrip()


def _markdown_line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
