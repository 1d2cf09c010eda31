"""The HTTP API ``/api/v1``: everything the pages do, for programs.

| room | what is in it |
| --- | --- |
| ``programs`` | all routers of the API |
| ``health`` ``description`` | whether the service is well; the API described |
| ``answers`` ``lists`` ``identities`` ``problems`` | marks, pages, idempotency keys, refusals |
| ``asking`` ``bodies`` | parameters and bodies that routes share |
| ``shapes`` ``record_shapes`` ``cycle_shapes`` | what answers look like |
| ``document_shapes`` ``audit_shapes`` | the same |
| ``who`` ``organizations`` ``figures`` | who asks, the tree and its files, what was worked out |
| ``records`` ``evidence`` ``rectifications`` | what organizations say, and show |
| ``cycles`` ``sheets`` ``adjustments`` | the monthly process, sheets, corrected scores |
| ``documents`` ``audit`` ``imports`` | schemes and policy, the log, many lines at once |
| ``organizing`` | the tree and the teams, for who administers |
| ``accounts`` ``tokens`` ``loans`` | who may sign in, and programs in their name |
"""
