"""Organizations: the directory, the tree in time, search, access scopes.

| module | what it does |
| --- | --- |
| ``directory`` | read model: every organization now, its codes, and the tree with its past |
| ``refold`` | the whole directory folded from the log again, for a rebuild |
| ``tree`` | pure: ancestors and descendants on any day, from the list of parents |
| ``known_tree`` | organizations and the tree as known on an earlier date |
| ``selection`` | organizations selected by code, and the codes above them |
| ``search`` | organizations by name or code, category and place in the tree |
| ``sounds`` | pure: the pinyin initials of names, all readings |
| ``search_keys`` | read model: codes and initials by which organizations are picked |
| ``picking`` | what a typed text means: code, name, part of it, initials |
| ``scope`` | which organizations somebody may see, as a condition of queries |
"""
