"""Cycles: from opening to close, bulletin and ranking.

| module | what it does |
| --- | --- |
| ``cycles`` | the list of cycles, and one cycle with its sample and progress |
| ``steps`` | opening, drawing and closing by hand |
| ``bulletin`` | the bulletin of a closed month, to print |
| ``ranking`` | the ranking, as far as the policy publishes it |
"""
