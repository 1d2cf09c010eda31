"""Rectifications: the ledger, one order, replies.

| module | what it does |
| --- | --- |
| ``orders`` | the ledger of a scope, one order as a notice to print, and replies to it |
"""
