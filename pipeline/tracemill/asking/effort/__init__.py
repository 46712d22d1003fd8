"""How much a model is to think: one notation, and its rendering for each family of models."""

from tracemill.asking.effort.levels import Effort

__all__ = ["Effort"]
