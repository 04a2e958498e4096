"""Time from saving a source to the answer of the new code, of development servers."""
