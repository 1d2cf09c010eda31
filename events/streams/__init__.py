"""Streams and their decisions: events, commands, ``evolve`` and ``decide``, all pure.

Each file has the same four parts in the same order, under the headings ``# facts`` (the events),
``# commands``, ``# evolve`` and ``# decide``, and ends with its ``DECIDER``. Those of a cycle are
in two files.

| module | what it does |
| --- | --- |
| ``districts`` | the time zone and the first month of the district |
| ``organizations`` | an organization's life: registered, renamed, moved, merged, closed |
| ``people`` | inspectors by opaque ids, their teams and recusals |
| ``accounts`` | accounts: roles over organizations, passwords, second factor, tokens |
| ``records`` | activities, their corrections and retractions, conditions and measures |
| ``findings`` | inspections: assigned, submitted as sheets, missed or not held |
| ``additions`` | what a sheet deducts by causes and adds by additions |
| ``rectifications`` | rectification orders and the replies to them |
| ``scores`` | scores posted once at closing, and their adjustments |
| ``cycles`` | a monthly cycle from opening to closing |
| ``cycle_decisions`` | the commands of a monthly cycle, and the order of its steps |
| ``clocks`` | the clock, confirmed by a person for a reason |
| ``demonstrations`` | the clock of a demonstration's database |
| ``imports`` | an import of a file: started and finished |
"""
