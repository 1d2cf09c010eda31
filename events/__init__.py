"""What happened: facts, the decisions that permit them, the store that keeps them, the chain.

| room | what is in it |
| --- | --- |
| ``periods`` ``errors`` ``vocabulary`` | dates and windows, kinds of no, the built-in words |
| ``event`` ``decider`` ``upcasters`` | the form of every event, the form of every decision |
| ``schemes`` ``scheme_checks`` ``policies`` | the documents by which is assessed |
| ``districts`` ``organizations`` ``records`` ``findings`` ``rectifications`` ``scores`` ``cycles`` ``people`` ``imports`` | the streams: facts, commands, evolve, decide |
| ``chain`` ``merkle`` ``tables`` ``store`` ``seals`` ``verify`` ``handler`` | keeping it, proving it, the loop |
"""
