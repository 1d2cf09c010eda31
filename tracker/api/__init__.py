"""The HTTP API ``/api/v1``: everything the pages do, for programs.

| room | what is in it |
| --- | --- |
| ``programs`` | all routers of the API |
| ``health`` | whether the service is well, and its description (OpenAPI) |
"""
