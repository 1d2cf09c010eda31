"""The pages: rendered on the server, Chinese first, readable without a script.

Wings of pages do not import each other; what they share is in ``page``.

| module | what it does |
| --- | --- |
| ``pages`` | all routers of the pages, and the page of a refusal |
| ``page`` | shared by all pages: rendering, forms, lists, charts, words |
| ``home`` | the first page of each role and its drill-downs |
| ``organizations`` | the list, the tree, the electronic file, the explanation of a figure |
| ``records`` | recording, correcting, listing and importing records |
| ``inspections`` | the inspection sheet and the teams of inspectors |
| ``cycles`` | cycles, bulletin, ranking |
| ``rectifications`` | rectification orders and replies |
| ``documents`` | schemes and the policy |
| ``audit`` | the log searched, one event with its proof |
| ``accounts`` | sign-in, one's own account, accounts, delegation |
| ``service`` | the service's health, backups, the API to read |
"""
