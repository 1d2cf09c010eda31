"""The audit log.

| module | what it does |
| --- | --- |
| ``search`` | the log searched |
| ``event`` | one event with its proof |
"""
