"""Strategies: how a teacher is asked."""
