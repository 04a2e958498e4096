"""Imported by plain.py: the folder of an application is on the path."""

NAME = "with its sibling"
