"""WebSocket echo as a workload: the protocol as far as it is needed, the check before measuring, and the load."""
