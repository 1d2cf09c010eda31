"""Benchmarks on durable databases, compared with a peer: ``python -m benchmarks [a b c ... i]``.

| module | what it does |
| --- | --- |
| ``measure`` | rounds, medians, tables and the machine |
| ``places`` | databases and their durability |
| ``postgres`` | a temporary PostgreSQL server, for tests too |
| ``district`` | the events that are recorded |
| ``peer`` | the same events through another library |
| ``appends`` | (a) one durable append |
| ``imports`` | (b) bulk import, (f) its limit |
| ``rebuilding`` | (c) rebuild of the read models |
| ``closing`` | (d) closing a month |
| ``audit`` | (e) queries of the audit log |
| ``streams`` | (g) a long stream |
| ``web`` | (h) pages and API calls |
| ``door`` | (i) a signed-in page under attack |
| ``memory`` | peak memory of (d) |
| ``profiles`` | profiles of (a), (b) and (d) |
| ``report`` | the tables of ``docs/benchmarks.md`` |
"""
