"""The service: health, backups, going live, the handbook, the API reference.

| module | what it does |
| --- | --- |
| ``health`` | the state of the service, due steps, and backups |
| ``go_live`` | going live: what it opens, and the month typed to confirm it |
| ``handbook`` | how to do each task, a page for each role and for who runs the machine |
| ``reference`` | the API reference, made from its OpenAPI document |
"""
