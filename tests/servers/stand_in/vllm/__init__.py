"""Stands in for vLLM in tests: the same command line, and a server that answers at once without a model."""

__version__ = "0.0.stand.in"
