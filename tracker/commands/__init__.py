"""Command handlers: each reads, decides and appends in one transaction; all are idempotent.

| module | what it does |
| --- | --- |
| ``district`` | a district initialized, and going live from a first month |
| ``documents`` | schemes and policies published and closed |
| ``organizations`` | organizations and inspectors entered and changed |
| ``records`` | activities, reports, corrections and retractions recorded |
| ``rectifications`` | replies to rectification orders |
| ``clock`` | the clock confirmed by a person for a reason |
| ``demonstration`` | the clock of a demonstration, set first of all |
| ``scores`` | adjustments of posted scores |
| ``record_handler`` | the decision for one record, the same for one command and for imports |
| ``organization_handler`` | the decision for one change of the organization tree |
| ``person_handler`` | the decision for one inspector or recusal |
| ``repeats`` | a command's identity: repeats are idempotent, other content is refused |
| ``historical_dates`` | the dates that lines of a historical import may have |
"""
