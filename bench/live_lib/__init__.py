"""The program behind ``bench/compare live``."""
