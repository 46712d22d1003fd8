"""Oracles: one file per task. They say what is true of a problem by a way that shares no code with the domain that
made it, nor with the checkers that judge traces: brute force, substitution, simulation, plain execution. The audit
labels its cases with them, and the tests hold domains and checkers against them."""
