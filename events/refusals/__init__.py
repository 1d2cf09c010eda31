"""Refusals and problems: their types, and the one catalogue of their sentences.

| module | what it does |
| --- | --- |
| ``errors`` | a refusal, a problem as a value, a corrupt log |
| ``catalogue`` | every sentence by its code |
| ``sentence`` | one sentence in English and Chinese, and the kinds of refusal |
| ``accounts`` | sign-in, accounts, roles, tokens |
| ``organizations`` | organizations, the tree, inspectors |
| ``records`` | activities, reports, rectifications, imports by page or program |
| ``sheets`` | inspection sheets |
| ``cycles`` | opening, drawing, closing, bulletins, rankings |
| ``documents`` | documents as files, and what may be published |
| ``schemes`` | schemes: structure, points, vocabulary |
| ``rules`` | rules of criteria |
| ``policies`` | the district policy |
| ``draws`` | what does not follow when a draw is repeated |
| ``lines`` | import files and lines |
| ``fields`` | single values and forms |
| ``requests`` | parameters, dates and protocol of requests |
| ``setup`` | settings, databases, backups |
"""
