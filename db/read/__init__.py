"""Questions that screens and the API ask of the record; each module answers for one subject.

`x_stmt(...)` returns a bounded `Select`; a function without the suffix runs one on a connection and returns plain
rows or a frame. Nothing here knows who is asking: the connection's role and row-level security decide what is seen.
"""
