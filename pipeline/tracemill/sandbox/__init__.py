"""Processes with limits, for computations that must not hang or exhaust the one that judges."""
