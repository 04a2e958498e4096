"""How figures are written."""

from __future__ import annotations

from typing import Optional, Tuple

NOTHING = "–"


def rate(value: Optional[float]) -> str:
    return NOTHING if value is None else f"{value:,.0f}"


def rate_range(bounds: Optional[Tuple[float, float]]) -> str:
    return NOTHING if bounds is None else f"{bounds[0]:,.0f}–{bounds[1]:,.0f}"


def microseconds(value: Optional[float]) -> str:
    return NOTHING if value is None else f"{value:,.1f}"


def two_microseconds(first: Optional[float], second: Optional[float]) -> str:
    return NOTHING if first is None or second is None else f"{first:.1f} + {second:.1f}"


def latency(value_us: Optional[float]) -> str:
    """Three digits: 72 µs, 1.23 ms, 12.3 ms, 123 ms."""
    if value_us is None:
        return NOTHING
    if value_us < 1000:
        return f"{value_us:.0f} µs"
    value_ms = value_us / 1000
    decimals = 2 if value_ms < 10 else 1 if value_ms < 100 else 0
    return f"{value_ms:.{decimals}f} ms"


def mebibytes(kibibytes: Optional[float]) -> str:
    return NOTHING if kibibytes is None else f"{kibibytes / 1024:.1f}"


def milliseconds(seconds: Optional[float]) -> str:
    return NOTHING if seconds is None else f"{seconds * 1000:.0f}"


def times(value: Optional[float]) -> str:
    return NOTHING if value is None else f"{value:.2f}"
