"""Command handlers: each reads, decides and appends in one transaction.

Repeating a command changes nothing.

| module | what it does |
| --- | --- |
| ``district`` | the time zone and first month fixed |
| ``documents`` | schemes and policies published and closed |
| ``organizations`` | organizations and inspectors entered and changed |
| ``records`` | activities, reports, corrections and retractions recorded |
| ``rectifications`` | replies to rectification orders |
| ``scores`` | adjustments of posted scores |
| ``record_handler`` | the decision for one record, from prefetched state; bulk and single alike |
| ``organization_handler`` | the decision for one change of the tree |
| ``person_handler`` | the decision for one inspector or recusal |
| ``repeats`` | a command's identity: the first content under it stays, other content is refused |
| ``historical_dates`` | the dates that lines of a historical import may bear |
"""
