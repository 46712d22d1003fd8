"""Shapes of data sets that people have, as data: a YAML file per shape.

    title      what the shape is called
    needs      fields that its rows have, each with the kind of its values (`kinds_of_values.py`)
    matches    fields whose text matches a regular expression in at least half of the rows
    one_of     a name in capitals for a field that goes by several names; the rows decide which
    source     keys of the source in a config: fields, check, answers, marks; a field that no row has is left out
    verify     the config's `verify`; answer where it says nothing
    notes      what a user of such rows should know

recognising.py       which shape rows have, or how near they come to one
kinds_of_values.py   what is in a field: a text, a talk, a list of numbers …
flat_rows.py         shapes whose rows are laid out flat before their fields are read
"""
