"""The first page of each role, and the lists behind its figures.

| module | what it does |
| --- | --- |
| ``home`` | the first page, composed by role |
| ``branch`` | a branch secretary's first page: duties, scores, orders |
| ``township`` | a township's first page |
| ``department`` | the department's first page |
| ``inspector`` | an inspector's first page |
| ``auditor`` | the auditor's and the administrator's first pages |
| ``overview`` | the duties of many organizations |
| ``lists`` | the lists behind the figures of a first page |
"""
