"""Stages: which kept rows a dataset takes, in what order."""
