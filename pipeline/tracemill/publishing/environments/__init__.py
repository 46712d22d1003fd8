"""Installable environments made of a dataset: its problems, and rewards by the verifiers that judged it.

`templates/` holds the code that a package gets, as it is but for its names.
"""
