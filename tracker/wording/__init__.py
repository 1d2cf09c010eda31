"""Refusals and validation errors in the reader's language.

| module | what it does |
| --- | --- |
| ``refusals`` | a refusal as one sentence, and its HTTP status |
| ``faults`` | validation errors of fields as messages of the catalogue |
| ``problems`` | the problems of a document as an answer |
| ``clock`` | instants by the district's clock, which is named |
"""
