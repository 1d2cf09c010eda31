"""What happened: events, the decisions that permit them, and the log that stores them.

| module | what it does |
| --- | --- |
| ``streams`` | one file per kind of stream: events, commands, evolve, decide |
| ``documents`` | schemes, the district policy, the vocabulary, and what may be published |
| ``log`` | the append-only event store: tables, reader, store, hash chain, upcasters |
| ``proofs`` | seals over the whole log, and its verification |
| ``refusals`` | every refusal and problem: code, kind, English and Chinese sentence |
| ``event`` | the base class of events and the canonical bytes that are hashed |
| ``decider`` | the type of every decision: fold the events, then decide |
| ``values`` | value types of commands and import lines, with their limits |
| ``periods`` | months, quarters, half-years, years, and the windows inside them |
"""
