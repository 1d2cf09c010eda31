"""The pages: server-rendered, Chinese first, readable without a script.

| room | what is in it |
| --- | --- |
| ``pages`` | all routers of the pages, and the page that tells of a refusal |
| ``rendering`` | templates, texts in two languages, what every page shares |
| ``forms`` ``uploaded`` | what was typed, field by field, and what is wrong with it |
| ``signing_in`` | log-in, one-time links, one's own account |
| ``home`` ``home_branch`` | the first page of each role |
| ``home_township`` ``home_department`` ``home_auditor`` | the same, over many organizations |
| ``overview`` ``listing`` ``lists`` | duties of many; lists behind figures, as pages and files |
| ``cycles`` ``cycle_steps`` ``bulletin_page`` | a month from opening to close, its bulletin |
| ``ranking`` | the ranking, as far as the policy publishes it |
| ``record`` ``evidence_files`` | recording an activity; files in and out |
| ``record_page`` ``record_list`` | a record with its history and receipt; the records by month |
| ``record_changes`` ``attachments`` | correcting and retracting; evidence in forms and on pages |
| ``reports`` ``rectifications`` | conditions and measures; orders and the replies to them |
| ``organizations`` ``file`` ``explain`` | the list, the file, why a figure is what it is |
| ``home_inspector`` ``sheet`` | the inspector: assignments, the sheet, two signatures |
| ``sheet_rows`` ``sheet_read`` | what a sheet shows of each criterion; sheets as one paper |
| ``schemes`` ``scheme_publishing`` | schemes to read and compare; checked, tried, published |
| ``audit`` ``audit_event`` | the log searched; one event with its proof |
| ``reference`` | the API as a page to read |
| ``admin`` | how the service stands, copies of the database |
| ``importing_page`` | a file checked, then recorded |
| ``admin_accounts`` ``delegations`` | accounts and roles; lending one's own |
| ``admin_organizations`` | the tree: registered, renamed, moved, closed |
| ``teams`` ``policy_page`` | inspectors and their teams; the policy in words, published |
| ``event_words`` ``event_fields`` | what events and their fields are called |
| ``names`` ``reasons`` | people named; why a criterion stands as it does |
| ``charts`` ``qr`` | inline SVG |
"""
