"""Scheme and policy documents: loaded, listed, answered.

| module | what it does |
| --- | --- |
| ``sources`` | document files, and the schemes that ship with the tracker |
| ``scheme_answers`` | schemes and their checks as the command line, the API and pages answer them |
"""
