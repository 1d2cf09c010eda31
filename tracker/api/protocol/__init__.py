"""The protocol all routes share.

| module | what it does |
| --- | --- |
| ``answers`` | JSON answers with ETags, and 304 Not Modified |
| ``bodies`` | request bodies that are not JSON objects |
| ``identities`` | idempotency keys turned into event identities |
| ``lists`` | pages with cursors, and the same list as a file |
| ``parameters`` | parameters many routes take: an organization, a root, a period |
| ``problems`` | problem details (RFC 9457), documented once for every route |
"""
