"""The HTTP API ``/api/v1``: everything the pages do, for programs.

| room | what is in it |
| --- | --- |
| ``programs`` | all routers of the API |
| ``health`` ``description`` | whether the service is well; the API described |
| ``answers`` ``lists`` ``identities`` ``problems`` | marks, pages, idempotency keys, refusals |
| ``asking`` ``shapes`` ``record_shapes`` | parameters and shapes that routes share |
| ``who`` ``organizations`` ``figures`` | who asks, the tree and its files, what was worked out |
| ``records`` ``evidence`` ``rectifications`` | what organizations say, and show |
"""
