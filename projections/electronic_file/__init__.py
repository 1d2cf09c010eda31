"""The electronic file of one organization, now or as it was known.

| module | what it does |
| --- | --- |
| ``file`` | the file: scores with adjustments, inspections, rectifications |
| ``as_known`` | the file's head, inspections and orders at an earlier instant |
| ``matrix`` | a year as months by criteria, each cell with status and credit |
| ``evidence`` | the evidence of a year, kind by kind |
| ``timeline`` | the events of the stream, newest first |
"""
