"""Audit: the log searched, one event explained and proved.

| module | what it does |
| --- | --- |
| ``trail`` | events by organization, tree, type, actor and dates, page by page |
| ``walk`` | an index walk that reads only what can match all filters |
| ``event_story`` | one event in words with the proof that it is unchanged |
| ``overview`` | the newest seal, what came after it, what people changed by hand |
"""
