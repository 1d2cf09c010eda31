"""Records: recorded, corrected, listed, imported.

| module | what it does |
| --- | --- |
| ``form`` | recording an activity |
| ``record`` | one record with its history, and its receipt |
| ``changes`` | correcting and retracting a record |
| ``listing`` | the records of an organization by month |
| ``reports`` | conditions and measures reported |
| ``imports`` | a file checked, then recorded |
| ``evidence_files`` | evidence files in and out |
"""
