"""Who asks: the doors.

| room | what is in it |
| --- | --- |
| ``app`` | the composition root: engine, clock, entropy |
| ``settings`` ``logs`` ``database`` | environment, structured logs, engines and migrations |
| ``commands`` ``sheets`` | what people do besides importing |
| ``district_commands`` ``document_sources`` | the district's zone and start; documents read |
| ``intake`` ``intake_lines`` | a file's bytes become checked lines |
| ``intake_activities`` ``intake_csv`` | the same |
| ``line_reasons`` ``held`` | why lines were refused, in Chinese; a file between check and record |
| ``handlers`` | commands decided: by the same code for pages, API and imports |
| ``recording`` | one line as it happens, in two statements |
| ``importing`` ``import_decisions`` | lines decided as a whole, then appended page by page |
| ``import_organizations`` ``import_history`` | the order of a tree's lines; months that opened |
| ``organizing`` | one command about an organization or inspector, as it happens |
| ``import_standing`` | what stands already under the identities of a file |
| ``access`` ``access_routes`` | who may do what: by role, by route |
| ``inspecting`` ``signing`` | what inspectors see; two who sign one sheet |
| ``adjusting`` | another value beside a posted score |
| ``sign_in`` ``keyring`` ``credentials`` | passwords, sessions, links, second factors, tokens |
| ``attempts`` | guessing waits |
| ``account_list`` ``lending`` | accounts searched; a role lent and taken back |
| ``condition`` | how the service stands: jobs, imports, read models, sizes |
| ``first_start`` | the first administrator and their link |
| ``evidence`` ``backup`` | uploaded files by their SHA-256; copies of the database |
| ``log_asking`` ``schemes_shown`` | the log asked, schemes answered, at every door |
| ``replying`` | a reply to a rectification order |
| ``document_words`` | what is wrong with a document, in either language |
| ``refusals`` ``faults`` | what a refusal and a faulty field say, in two languages |
| ``server`` | pages and programs of one database |
| ``http`` ``web`` ``api`` ``export`` | what every request shares, the pages, the API, files out |
| ``cli`` | the command line |
| ``demonstration`` | an invented district with twelve closed months |
| ``schemes`` ``migrations`` | shipped catalogues; durable tables |
"""
