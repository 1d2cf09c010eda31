"""The import pipeline: bytes to lines, lines to decisions, decisions to events.

| module | what it does |
| --- | --- |
| ``parsing`` | a file's bytes as checked lines |
| ``lines`` | the models of import lines, one per kind |
| ``csv_rows`` | CSV rows as the same lines |
| ``fast_lines`` | activity lines parsed without the full model |
| ``decisions`` | each line decided against the log and the lines before it |
| ``organizations`` | lines of the tree, decided parents first |
| ``history`` | what a historical import may bring, and into which months |
| ``identities`` | the events already recorded under a file's identities |
| ``spool`` | the bytes of an import kept until it is finished |
| ``importing`` | a whole file checked, then appended page by page, and resumed |
| ``held_files`` | uploaded files kept between check and recording |
"""
