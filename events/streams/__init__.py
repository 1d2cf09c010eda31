"""The streams: in each file the events, the commands, ``evolve`` and ``decide``. Pure.

Each file keeps the same order, so whoever has read one has read all.

| module | what it does |
| --- | --- |
| ``districts`` | the time zone and the first month of the district |
| ``organizations`` | an organization's life: registered, renamed, moved, merged, closed |
| ``people`` | inspectors by opaque ids, their teams and recusals |
| ``accounts`` | who may act, in which role, over which organizations, until when |
| ``records`` | activities, their corrections and retractions, conditions and measures |
| ``findings`` | inspections: assigned, handed in as sheets, missed or not held |
| ``rectifications`` | rectification orders and the replies to them |
| ``scores`` | scores posted once at closing, and their adjustments |
| ``cycles`` | a monthly cycle from opening to close |
| ``imports`` | which file was imported, by whom, and whether it finished |
"""
