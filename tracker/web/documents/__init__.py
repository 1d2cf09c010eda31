"""Schemes and the policy.

| module | what it does |
| --- | --- |
| ``schemes`` | the list of schemes, one scheme as a tree, two versions compared |
| ``publishing`` | a scheme validated, simulated on a month, published, closed |
| ``policy`` | the policy in words with its versions; publishes the next one |
"""
