"""Posted scores: read model, ranking, distribution.

| module | what it does |
| --- | --- |
| ``outcomes`` | read model: posted scores, adjustments, inspections and orders of a file |
| ``ranking`` | scores ranked by category within a scope |
| ``standings`` | the ranking of a month packed into codes and integers, for pages |
| ``distribution`` | how many organizations scored how much |
| ``known_month`` | whom a month ranks and in which category, as known when its cycles closed |
| ``notes`` | what is said wherever scores are shown: mixed figures, equal weights, other totals |
| ``newest`` | organizations of a list with their newest posted scores |
| ``packed`` | many short texts in one byte string, for caches over all organizations |
"""
