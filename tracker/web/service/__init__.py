"""The service: health, backups, the API reference.

| module | what it does |
| --- | --- |
| ``health`` | the state of the service, due steps, and backups |
| ``reference`` | the API reference, made from its OpenAPI document |
"""
