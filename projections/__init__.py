"""What follows from what happened: scoring, which is pure, and read models, which are throw-away.

| room | what is in it |
| --- | --- |
| ``history`` ``credit`` ``rules`` ``scoring`` | pure: facts, and the scheme over them |
| ``projection`` ``catalog`` | the contract of a read model, and the tuple of all |
| ``directory`` ``tree`` | read model: every organization, and the tree with its past |
| ``facts`` ``electronic_file`` ``cycles`` ``people`` | rows that commit with the append |
| ``marks`` | the same: whether a scheme was published or closed since |
| ``documents`` ``compliance`` ``summary`` ``tasks`` | questions, without rows of their own |
| ``ranking`` ``bulletin`` ``audit_trail`` ``audit_walk`` | the same |
| ``rebuild`` | refolds every read model from the events, in parallel |
"""
