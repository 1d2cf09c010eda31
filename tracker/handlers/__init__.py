"""Commands handled: one handler for each kind of stream, the same for pages, API and imports.

A handler is given what its caller has read (the state of the stream, what is recorded under the
command's identity) and returns the events to append: none for a repeat, or raises ``Refused``.

| room | what is in it |
| --- | --- |
| ``repeats`` | identities used before: the same content changes nothing, other content is refused |
| ``records`` | activities, corrections, retractions, conditions, measures |
| ``organizations`` | the tree of organizations that lines register and change |
| ``people`` | inspectors registered and recused |
| ``historical`` | the dates of lines that add history |
"""
