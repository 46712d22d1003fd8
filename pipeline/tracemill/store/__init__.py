"""The store: nothing lost, nothing twice, on local disk and on object storage, by one protocol.

A `Store` is one build's folder. Reading needs no claim; writing needs one, and every write of a run goes through the
`Run` that `Store.claim` gives:

    files.py                        a folder: create if absent, read, list, delete
    local_disk.py, object_storage.py, opening.py
                                    the two kinds of folder, and which of them a URL means
    sealed.py                       small sealed JSON files, their format number, quarantine of damaged ones
    writer_claim.py                 one writer at a time
    segments.py, journal.py         finished rows, safe within a second
    parts.py, compaction.py         journal to sorted Parquet parts
    commits.py, scanning.py         what readers see
    manifest.py                     what a finished build says of itself; verification
    store.py, run.py                the two objects that callers hold
"""
