"""Storage outside the log: engines and migrations, evidence files, backups.

| module | what it does |
| --- | --- |
| ``database`` | engines for SQLite and PostgreSQL, and the migrations |
| ``evidence`` | uploaded evidence files, stored by their SHA-256 |
| ``evidence_checks`` | evidence files compared with their SHA-256 |
| ``backup`` | consistent copies of the database, verified by their manifests |
"""
