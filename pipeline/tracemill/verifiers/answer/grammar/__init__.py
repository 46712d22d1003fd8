"""Reads an answer's text: spelling, tokens, numbers and trees, and what kind of answer it is."""
