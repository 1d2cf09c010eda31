"""Scheme and policy documents: loaded, listed, answered.

| module | what it does |
| --- | --- |
| ``sources`` | document files, and the schemes that ship with the tracker |
| ``policy_effect`` | what publishing a policy will change |
| ``category_uses`` | what uses a district's own categories |
| ``handover`` | categories that change hands by a publication or closing |
| ``scheme_answers`` | schemes and their checks as the command line, the API and pages answer them |
"""
