"""Who asks: command handlers and the doors (command line, HTTP API, pages, files).

| module | what it does |
| --- | --- |
| ``app`` | the composition root: engine, clock, entropy |
| ``settings`` | settings from the environment |
| ``logs`` | structured logs on standard error |
| ``health`` | the state of the service: jobs, imports, read models, sizes |
| ``server`` | pages and API of one database, with the scheduler |
| ``commands`` | command handlers, one file per noun |
| ``imports`` | the import pipeline: parse, decide, append, resume |
| ``documents`` | scheme and policy documents loaded, shown and put into words |
| ``inspections`` | inspection sheets: duties, checks, two signatures |
| ``accounts`` | sign-in, sessions, second factor, tokens, delegation |
| ``access`` | authorization: roles and actions, routes and actions |
| ``storage`` | database engines, evidence files, backups |
| ``wording`` | refusals and validation errors in the reader's language |
| ``cli`` | the command line |
| ``http`` | what requests share, whether of pages or of the API |
| ``api`` | the HTTP API ``/api/v1`` |
| ``web`` | the pages |
| ``export`` | lists out as CSV and workbooks |
| ``demonstration`` | an invented district with twelve closed months |
| ``schemes`` | the shipped scheme documents |
| ``migrations`` | the migrations of the durable tables |
"""
