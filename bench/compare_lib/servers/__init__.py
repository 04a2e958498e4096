"""The servers compared: one module each."""
