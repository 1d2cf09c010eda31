"""Refusals and validation errors in the reader's language.

| module | what it does |
| --- | --- |
| ``refusals`` | a refusal as one sentence, and its HTTP status |
| ``faults`` | a field's validation error as one sentence |
| ``problems`` | the problems of a document in the reader's language |
"""
