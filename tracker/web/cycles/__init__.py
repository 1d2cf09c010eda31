"""Cycles: from opening to close, bulletin and ranking.

| module | what it does |
| --- | --- |
| ``cycles`` | the cycles and one cycle |
| ``steps`` | opening, drawing and closing by hand |
| ``bulletin`` | the bulletin of a month |
| ``ranking`` | the ranking, as far as the policy publishes it |
"""
