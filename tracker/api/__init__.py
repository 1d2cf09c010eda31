"""The HTTP API ``/api/v1``: everything the pages do, for programs.

| module | what it does |
| --- | --- |
| ``programs`` | all routers of the API |
| ``description`` | the OpenAPI document |
| ``protocol`` | shared by all routes: ETags, idempotency keys, paging, problem details |
| ``shapes`` | response models |
| ``health`` | whether the service is well |
| ``who`` | who asks, and the vocabulary |
| ``organizations`` | organizations searched, listed, one with its file and duties |
| ``organizing`` | organizations and inspectors entered and changed |
| ``figures`` | derived compliance, summaries, the ranking of a month |
| ``records`` | records listed, recorded, corrected, retracted |
| ``evidence`` | evidence files in and out |
| ``rectifications`` | the ledger, and replies |
| ``cycles`` | cycles: opening, draw and its check, closing, bulletin |
| ``sheets`` | an inspector's duties and sheets |
| ``adjustments`` | posted scores adjusted |
| ``documents`` | schemes and policy: shown, checked, published, closed |
| ``audit`` | the log searched, one event with its proof |
| ``imports`` | batches of records, and whole files of lines |
| ``accounts`` | accounts and their roles |
| ``tokens`` | personal tokens of the signed-in user |
| ``loans`` | roles lent and taken back |
"""
