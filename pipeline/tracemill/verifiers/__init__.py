"""Verifiers: what judges a trace. Each is versioned, fails closed, and ships canaries that audit it."""
