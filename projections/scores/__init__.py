"""Posted scores: read model, ranking, distribution.

| module | what it does |
| --- | --- |
| ``outcomes`` | read model: posted scores, adjustments, inspections and orders of a file |
| ``ranking`` | scores ranked by category within a scope |
| ``standings`` | the ranking of a month packed into codes and integers, for pages |
| ``distribution`` | how many organizations scored how much |
"""
