"""What follows from what happened: scoring, which is pure, and read models, which are throw-away.

| room | what is in it |
| --- | --- |
| ``history`` ``credit`` ``rules`` ``scoring`` | pure: facts, and the scheme over them |
| ``projection`` ``catalog`` | the contract of a read model, and the tuple of all |
| ``directory`` ``facts`` ``electronic_file`` | read models: rows that commit with the append |
| ``cycles`` ``people`` | the same |
| ``documents`` ``compliance`` ``tasks`` | questions over them, without rows of their own |
| ``ranking`` ``bulletin`` ``audit_trail`` | the same |
| ``rebuild`` | refolds every read model from the events, in parallel |
"""
