"""What follows: scoring, which is pure, and read models, which can be rebuilt.

| module | what it does |
| --- | --- |
| ``contract`` | what a read model must provide |
| ``catalog`` | all read models, updated in the transaction of every append |
| ``rebuild`` | every read model folded again from the events, in parallel, during live work |
| ``scoring`` | one organization's facts evaluated against a scheme; pure |
| ``organizations`` | the directory, the tree with its past, search, and access scopes |
| ``people`` | accounts and inspectors as they are now |
| ``documents`` | schemes and policy in force, and in words |
| ``records`` | activities, reports, evidence files and imports |
| ``scores`` | posted scores, rankings, their distribution |
| ``rectifications`` | the ledger of orders and replies |
| ``cycles`` | cycles with draw, assignments, sheets and bulletin |
| ``compliance`` | derived compliance, duties, and why a figure is what it is |
| ``electronic_file`` | everything about one organization, now or as known at an earlier instant |
| ``oversight`` | what a department watches over many organizations |
| ``audit`` | the log searched, one event with its proof, the auditor's overview |
"""
