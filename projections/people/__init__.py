"""Accounts and inspectors as they are now.

| module | what it does |
| --- | --- |
| ``accounts`` | read model: accounts with their roles, state and personal tokens |
| ``inspectors`` | read model: inspectors with team, categories, home, recusals, terms |
"""
