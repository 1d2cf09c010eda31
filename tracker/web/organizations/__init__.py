"""Organizations: list, tree, electronic file, explanation.

| module | what it does |
| --- | --- |
| ``listing`` | searches, filters and lists organizations |
| ``tree`` | the tree; registers, renames, moves, merges, closes organizations |
| ``suggestions`` | organizations offered while somebody types |
| ``file`` | the electronic file, now or as known on a past day |
| ``explain`` | the explanation of a score down to its events |
"""
