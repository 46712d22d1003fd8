"""A file per figure; `publishing/all_figures.py` lists them."""
