"""Which field of a row is what, for every container of rows (`jsonl`, `parquet`, `hub`).

field_paths.py     values in a row by their path
mapping_config.py  the part of a source's config that says which field is what
solutions.py       a reply or a talk as data sets hold it, made a text and the turns before it
references.py      the solutions of a row, with what was said of them
row_mapping.py     from a row to a problem
"""
