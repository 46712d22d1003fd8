"""How much a model is to think: one notation, and what a request gets for it, by family of models."""

from tracemill.asking.effort.families import ModelFamily, Rendering, family_of, rendering
from tracemill.asking.effort.levels import Effort, number_in

__all__ = ["Effort", "ModelFamily", "Rendering", "family_of", "number_in", "rendering"]
