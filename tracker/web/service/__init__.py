"""The service: health, backups, the API reference.

| module | what it does |
| --- | --- |
| ``health`` | the state of the service, and backups |
| ``reference`` | the API as a page to read |
"""
