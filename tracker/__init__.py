"""Interfaces and command handlers: command line, HTTP API, pages, import and export.

| module | what it does |
| --- | --- |
| ``app`` | the composition root: engine, clock, entropy |
| ``settings`` | settings from the environment |
| ``logs`` | structured logs on standard error |
| ``health`` | the health of the service: jobs, imports, read models, sizes |
| ``server`` | pages and API of one database, with the scheduler |
| ``commands`` | command handlers, one file per noun |
| ``imports`` | the import pipeline: parse, decide, append, resume |
| ``documents`` | scheme and policy documents loaded, listed, answered |
| ``inspections`` | inspections: assignments, sheets, signatures |
| ``accounts`` | sign-in, sessions, second factor, tokens, delegation |
| ``access`` | authorization: roles and actions, routes and actions |
| ``storage`` | database engines, evidence files, backups |
| ``wording`` | refusals and validation errors in the user's language |
| ``cli`` | the command line |
| ``http`` | what requests of pages and of the API share |
| ``api`` | the HTTP API ``/api/v1`` |
| ``web`` | the pages |
| ``export`` | lists exported as CSV and workbooks |
| ``demonstration`` | an invented district, built day by day on its own clock |
| ``schemes`` | the shipped scheme documents |
| ``migrations`` | the migrations of the durable tables |
"""
