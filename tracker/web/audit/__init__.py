"""The audit log.

| module | what it does |
| --- | --- |
| ``search`` | the log searched by filters, in words, and exported |
| ``event`` | one event with its proof, and the verification of the log |
"""
