"""What follows from what happened: scoring, which is pure, and read models, which are throw-away.

| room | what is in it |
| --- | --- |
| ``history`` ``credit`` ``rules`` ``scoring`` | pure: facts, and the scheme over them |
| ``scheme_book`` ``figures`` | pure: the published schemes; scores and fractions as text |
| ``packed`` | many short strings in one piece of memory |
| ``projection`` ``catalog`` | the contract of a read model, and the tuple of all |
| ``directory`` ``tree`` | read model: every organization, and the tree with its past |
| ``facts`` ``score_outcomes`` ``cycles`` ``people`` | rows that commit with the append |
| ``marks`` | the same: whether a scheme was published or closed since |
| ``accounts`` ``assignments`` | the same: who may act, who inspects whom |
| ``evidence`` ``rectification_ledger`` | the same: used files and late records, replies |
| ``electronic_file`` | one organization read from its stream and its rows |
| ``sheet_book`` | the sheets of an inspection, and what replaced what |
| ``rule_words`` | a rule in one sentence, in either language |
| ``scheme_tree`` ``scheme_effect`` | a scheme to read, what it would change |
| ``policy_words`` | the district policy in sentences |
| ``file_matrix`` ``explanation`` | a year by criteria; why a figure is what it is |
| ``explanation_sources`` | the same: self-reports and findings that a criterion hangs on |
| ``as_known`` ``file_evidence`` | a file's head, inspections, orders and evidence at an instant |
| ``organization_list`` ``organization_search`` | organizations page by page |
| ``organization_selection`` | short lists of organizations: by scope, parent or code |
| ``timeline`` | a stream's events page by page |
| ``scope`` | what somebody may see, as a condition of queries |
| ``documents`` ``compliance`` ``summary`` ``tasks`` | questions, without rows of their own |
| ``served`` ``record_book`` | the same: what an activity serves, what stands already |
| ``record_trail`` | the same: one record with every change before and after |
| ``ranking`` ``bulletin`` ``audit_trail`` ``audit_walk`` | the same |
| ``import_book`` | the files that were imported, and what became of them |
| ``event_story`` ``verification`` | one event with its proof; what auditors look at first |
| ``heat_map`` ``standings`` | the same, over many: duties of a month, its ranking packed |
| ``dashboard`` ``worst_items`` ``late_and_reused`` | the same: what a department watches |
| ``score_distribution`` | the same: how the scores of a month are spread |
| ``cycle_reading`` ``cycle_draw`` | a cycle from its stream; its draw, packed |
| ``cycle_pages`` | the same: the head and progress of a cycle |
| ``rebuild`` | refolds every read model from the events, in parallel |
"""
