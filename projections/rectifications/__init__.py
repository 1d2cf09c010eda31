"""Rectification orders with their replies.

| module | what it does |
| --- | --- |
| ``ledger`` | read model and queries of the ledger: every order, its newest reply, its state |
"""
