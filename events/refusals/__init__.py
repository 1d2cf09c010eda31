"""Refusals and problems: their types, and the catalogue of their sentences in two languages.

How to add a refusal: ``errors``.

| module | what it does |
| --- | --- |
| ``errors`` | the types: refusal, problem, rejected value, corrupt log |
| ``catalogue`` | all sentences joined, by their code |
| ``sentence`` | one entry: English, Chinese and the kind of refusal |
| ``accounts`` | sign-in, accounts, roles, tokens, delegations |
| ``organizations`` | organizations, the tree, inspectors |
| ``records`` | records, rectifications, evidence files |
| ``tables`` | workbooks and tables, and faults of their cells |
| ``sheets`` | inspection sheets |
| ``cycles`` | opening, drawing, closing, scores, rankings |
| ``districts`` | a district that is being set up, going live |
| ``documents`` | documents as files, their form, their publication |
| ``schemes`` | problems of schemes: words, codes, points |
| ``rules`` | problems of the rules of criteria |
| ``policies`` | problems of the district policy |
| ``draws`` | differences found when a draw is repeated |
| ``lines`` | import files and their lines |
| ``fields`` | single values of commands and forms |
| ``requests`` | parameters, dates and protocol of requests |
| ``setup`` | settings, databases, backups |
"""
