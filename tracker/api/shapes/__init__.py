"""Response models of the API.

| module | what it does |
| --- | --- |
| ``figures`` | organizations, files, compliance, rankings, import reports |
| ``audit`` | one event and the log's verification |
| ``cycles`` | cycles, sheets and bulletins |
| ``documents`` | schemes and the policy |
| ``records`` | records, evidence files and rectifications |
"""
