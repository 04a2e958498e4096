"""The program behind bench/connections."""
