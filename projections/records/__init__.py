"""Records: read models and queries of activities, reports, evidence and imports.

| module | what it does |
| --- | --- |
| ``facts`` | read model: records, self-reports, sheets and postings that scoring reads |
| ``openings`` | when the cycles of months opened for organizations with historical records |
| ``current`` | records and self-reports as they are now, for lists and forms |
| ``trail`` | one record with every change, before and after |
| ``evidence`` | read model: where each stored file is used, and late records |
| ``imports`` | read model: imported files and what became of them |
"""
