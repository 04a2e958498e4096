"""The parts of bench/compare. Standard library only; runs on Python 3.8 and later."""
