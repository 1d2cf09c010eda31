"""What every request shares, whether a page's or a program's.

| room | what is in it |
| --- | --- |
| ``application`` | the whole application: routes, middleware, answers to errors |
| ``here`` | one request: who asks, in which language, on which database |
| ``enforce`` | the table of access held against every request; cookies and forged forms |
| ``answers`` | refusals and faults as pages, as problem details |
| ``ranking_view`` ``verification`` | what of a ranking is seen; the log checked meanwhile |
| ``uploads`` ``fresh`` | files as they come in; figures over many, kept for a minute |
| ``underway`` | long steps: awaited for a moment, then left to go on |
| ``description`` | the API described (OpenAPI) |
| ``guards`` | headers of every answer, limits of every body, a log line for each request |
"""
