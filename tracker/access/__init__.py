"""Authorization: which role may do what, and what each route is.

| module | what it does |
| --- | --- |
| ``rights`` | the table of actions by role, and the check of one action |
| ``routes`` | the table of routes: each with its action and its target |
"""
