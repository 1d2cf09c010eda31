"""The event log: append-only tables, reader, store, hash chain, upcasters.

| module | what it does |
| --- | --- |
| ``tables`` | the durable tables of the log, created by the migrations |
| ``store`` | appending: locks, versions, identities, hashes, read models in one transaction |
| ``reader`` | reads inside one transaction: streams, subjects, positions |
| ``eras`` | positions of a log that was brought from another database |
| ``chain`` | the hash of an event over its bytes and the hash before it |
| ``damage`` | the first event of a stream that does not match its hash |
| ``texts`` | free text of events, stored apart from their salted commitments |
| ``upcasters`` | old shapes of events turned into the newest shape on reading |
| ``workers`` | tasks run in child processes that end with their parent |
"""
