"""What follows from what happened: scoring, which is pure, and read models, which are throw-away.

| room | what is in it |
| --- | --- |
| ``history`` ``credit`` ``rules`` ``scoring`` | pure: facts of one organization, and the scheme evaluated over them |
| ``projection`` ``catalog`` | the contract of a read model, and the tuple of all |
| ``directory`` ``facts`` ``electronic_file`` ``cycles`` ``people`` | read models: rows that commit with the append |
| ``documents`` ``compliance`` ``tasks`` ``ranking`` ``bulletin`` ``audit_trail`` | questions over them, without rows of their own |
| ``rebuild`` | refolds every read model from the events, in parallel |
"""
