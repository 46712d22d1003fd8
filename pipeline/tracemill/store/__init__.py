"""The store: nothing lost, nothing twice, on local disk and on object storage, by one protocol.

A `Store` is one build's folder. Reading needs no claim; writing needs one, and every write of a run goes through the
`Run` that `Store.claim` gives:

    files.py, local.py, remote.py   a folder: create if absent, read, list, delete
    opening.py                      which of them a URL means
    state.py                        small sealed JSON files; quarantine of damaged ones
    claim.py                        one writer at a time
    segments.py, journal.py         finished rows, safe within a second
    parts.py, compaction.py         journal to sorted Parquet parts
    commits.py, reading.py          what readers see
    manifest.py                     what a finished build says of itself; verification
    store.py, run.py                the two objects that callers hold
"""
