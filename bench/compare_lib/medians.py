"""Medians and ratios over the rounds."""

from __future__ import annotations

from statistics import median
from typing import Callable, Optional, Sequence, Tuple, TypeVar

from .model import CellResult, Sample

_Value = TypeVar("_Value")


def middle(values: Sequence[float]) -> Optional[float]:
    """The median, or None of nothing."""
    return median(values) if values else None


def spread(values: Sequence[float]) -> Optional[Tuple[float, float]]:
    """The least and the greatest, or None when there are fewer than two."""
    return (min(values), max(values)) if len(values) > 1 else None


def values_of(result: Optional[CellResult], measure: Callable[[Sample], _Value]) -> Sequence[_Value]:
    """The measure in every round; nothing of a cell that failed in any of them."""
    if result is None or result.failure is not None:
        return []
    return [measure(sample) for sample in result.samples]


def known(values: Sequence[Optional[float]]) -> Sequence[float]:
    """Those that were measured."""
    return [value for value in values if value is not None]


def ratio(numerator: Optional[float], denominator: Optional[float]) -> Optional[float]:
    if numerator is None or not denominator:
        return None
    return numerator / denominator
