"""What happened: events, the decisions that permit them, the log that keeps them.

| module | what it does |
| --- | --- |
| ``streams`` | one file per kind of stream: events, commands, evolve, decide |
| ``documents`` | schemes, the district policy, the vocabulary, and what may be published |
| ``log`` | the append-only event store: tables, reader, store, hash chain, upcasters |
| ``proofs`` | seals over the whole log, and its verification |
| ``refusals`` | every refusal and problem: code, kind, English and Chinese sentence |
| ``event`` | the form of every event and the canonical bytes that are hashed |
| ``decider`` | the form of every decision: fold the past, then decide |
| ``values`` | the value types that commands and import lines are made of |
| ``periods`` | months, quarters, half-years, years, and the windows inside them |
"""
