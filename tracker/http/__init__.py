"""Shared by all requests, of pages and of the API.

| module | what it does |
| --- | --- |
| ``application`` | the ASGI application: routes, middleware, answers to errors |
| ``context`` | the context of one request: user, language, database |
| ``authorization`` | authorization of each request before its handler; cookies, CSRF |
| ``turns`` | how many requests of one account, and of strangers, run at once |
| ``json_routes`` | routes with a JSON body: authorized first, parsed strictly |
| ``answers`` | refusals and faults as pages or problem details |
| ``guards`` | response headers, body limits, a log line per request |
| ``connections`` | time limits of a connection, and how many there may be |
| ``uploads`` | uploaded files read up to a size |
| ``figure_cache`` | district-wide figures cached for a minute, refreshed in the background |
| ``background_jobs`` | background jobs started from a page |
| ``ranking_view`` | how much of a ranking the policy lets somebody see |
| ``verification`` | verification of the log as a background job |
| ``audit_query`` | audit filters from query parameters |
| ``picking`` | fields that ask for an organization or a person, resolved |
| ``exports`` | lists as files: one clock, one limit, and words where rows are missing |
| ``description`` | the OpenAPI document made from the routes |
"""
