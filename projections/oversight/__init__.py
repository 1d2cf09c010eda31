"""Oversight: what a department watches over many organizations.

| module | what it does |
| --- | --- |
| ``dashboard`` | coverage, and self-reports that checks contradicted |
| ``heat_map`` | organizations by duties of a month, and who owes what |
| ``call_list`` | whom to call about what is owed, by the organization above |
| ``worst_items`` | the criteria most often found below full credit |
| ``late_and_reused`` | records after the grace period, and files used more than once |
"""
