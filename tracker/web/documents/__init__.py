"""Schemes and the policy.

| module | what it does |
| --- | --- |
| ``schemes`` | schemes to read and compare |
| ``publishing`` | a scheme checked, tried on a month, published, closed |
| ``policy`` | the policy in words, and a new version published |
"""
