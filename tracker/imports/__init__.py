"""The import pipeline: bytes to lines, lines to decisions, decisions to events.

| module | what it does |
| --- | --- |
| ``parsing`` | a file's bytes parsed to validated lines |
| ``encoding`` | the encodings that files come in, and their physical lines |
| ``lines`` | one import line validated, and its identity |
| ``csv_rows`` | CSV rows as the documents of lines |
| ``fast_lines`` | the fast path for common activity lines |
| ``decisions`` | lines decided in bulk, against the log and the lines before |
| ``organizations`` | the order of lines about organizations, parents first |
| ``history`` | the months closed to historical lines |
| ``identities`` | the events already recorded under a file's identities |
| ``superseded`` | lines that repeat what is no longer the newest |
| ``spool`` | the bytes of an import, stored until it is finished |
| ``importing`` | one file validated, appended page by page, and resumed |
| ``held_files`` | uploaded files awaiting confirmation |
| ``tables`` | lists as people have them: workbooks and tables |
| ``rubrics`` | rubrics read from tables, with rules proposed from their sentences |
| ``people`` | accounts opened from a list of people |
"""
