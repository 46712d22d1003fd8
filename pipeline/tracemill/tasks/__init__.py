"""Domains: one folder per task. Each makes problems, solves them step by step, and knows the usual mistakes."""
