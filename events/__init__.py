"""What happened: facts, the decisions that permit them, the store that keeps them, the chain.

| room | what is in it |
| --- | --- |
| ``periods`` ``errors`` ``values`` ``vocabulary`` | dates, kinds of no, values, words |
| ``wording`` | what refusals and problems say, in English and Chinese |
| ``event`` ``decider`` ``upcasters`` | the form of every event, the form of every decision |
| ``schemes`` ``policies`` | the documents by which is assessed |
| ``publication`` | what may be published: schemes, closings, policies |
| ``scheme_documents`` | documents in and out: YAML, JSON values, digests |
| ``scheme_checks`` ``scheme_points`` ``rule_checks`` | every fault of a scheme at its place |
| ``document_faults`` ``scheme_mending`` | the same |
| ``districts`` ``organizations`` ``people`` ``imports`` | facts, commands, evolve, decide |
| ``accounts`` | the same: who may act at the doors |
| ``records`` ``findings`` ``rectifications`` ``scores`` ``cycles`` | the same |
| ``chain`` ``merkle`` ``tables`` ``reading`` ``store`` | keeping it, the loop |
| ``log_texts`` | free texts of events, and data with them |
| ``seals`` ``verify`` ``verify_seals`` ``workers`` | proving it, in several processes |
"""
