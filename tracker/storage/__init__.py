"""Storage outside the log: engines and migrations, evidence files, backups.

| module | what it does |
| --- | --- |
| ``database`` | engines for SQLite and PostgreSQL, and the migrations |
| ``evidence`` | uploaded evidence files, stored by their SHA-256 |
| ``upload_quota`` | how much an account may upload in a day |
| ``table_mappings`` | what people chose for the columns of a table |
| ``evidence_checks`` | evidence files compared with their SHA-256 |
| ``evidence_copies`` | evidence files copied from folder to folder, verified |
| ``versions`` | the version of the program and of its tables |
| ``contents`` | what a database holds, as the manifest of a backup counts it |
| ``postgres_programs`` | pg_dump and pg_restore, and a dump read without a server |
| ``backup`` | consistent copies of database and evidence, verified by their manifests |
| ``schema_check`` | tables and triggers compared with those of the migrations |
| ``transfer`` | a district copied between SQLite and PostgreSQL, and compared |
| ``server_restore`` | a dump restored on a PostgreSQL server under a new name |
| ``restore`` | a backup put in the place of the database, nothing overwritten |
"""
