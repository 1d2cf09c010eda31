"""The HTTP API ``/api/v1``: everything the pages do, for programs.

| module | what it does |
| --- | --- |
| ``programs`` | all routers of the API |
| ``description`` | the OpenAPI document |
| ``protocol`` | shared by all routes: ETags, idempotency keys, paging, problem details |
| ``shapes`` | response models |
| ``health`` | the health check, for monitoring |
| ``who`` | the current user, and the vocabulary |
| ``organizations`` | organizations listed; one with its subtree, file and duties |
| ``organizing`` | organizations and inspectors registered and changed |
| ``figures`` | derived compliance, explanations, the ranking of a month |
| ``records`` | records listed, recorded, corrected, retracted |
| ``evidence`` | evidence files stored and served |
| ``rectifications`` | rectification orders and replies |
| ``cycles`` | cycles: opening, draw and its verification, closing, bulletin |
| ``going_live`` | a district that is being set up goes live |
| ``sheets`` | an inspector's assignments and sheets |
| ``adjustments`` | posted scores adjusted |
| ``documents`` | schemes and policy: shown, checked, published, closed |
| ``audit`` | the event log searched, one event with its proof |
| ``imports`` | batches of records, and whole import files |
| ``accounts`` | accounts and their roles |
| ``tokens`` | personal tokens of the signed-in user |
| ``loans`` | own roles lent until a day, and loans ended |
"""
