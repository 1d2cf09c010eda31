"""Organizations: list, tree, electronic file, explanation.

| module | what it does |
| --- | --- |
| ``listing`` | organizations searched and listed |
| ``tree`` | organizations registered, renamed, moved, merged, closed |
| ``file`` | the electronic file |
| ``explain`` | why a figure is what it is |
"""
