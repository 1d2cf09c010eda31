"""What happened: facts, the decisions that permit them, the store that keeps them, the chain.

| room | what is in it |
| --- | --- |
| ``periods`` ``errors`` ``vocabulary`` | dates and windows, kinds of no, the built-in words |
| ``event`` ``decider`` ``upcasters`` | the form of every event, the form of every decision |
| ``schemes`` ``scheme_checks`` ``policies`` | the documents by which is assessed |
| ``districts`` ``organizations`` ``people`` ``imports`` | facts, commands, evolve, decide |
| ``records`` ``findings`` ``rectifications`` ``scores`` ``cycles`` | the same |
| ``chain`` ``merkle`` ``tables`` ``reading`` ``store`` ``handler`` | keeping it, the loop |
| ``seals`` ``verify`` ``verify_seals`` ``workers`` | proving it, in several processes |
"""
