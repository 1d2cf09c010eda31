"""Schemes and policy: which are in force, and how they read in words.

| module | what it does |
| --- | --- |
| ``in_force`` | district, scheme book, policy and vocabulary from their events |
| ``marks`` | read model: a mark per scheme stream that changes with every publication |
| ``policy_words`` | the policy in sentences, Chinese and English |
| ``rule_words`` | a criterion's rule in one sentence, Chinese and English |
| ``cause_words`` | the causes of a deduction as a list, each figure once |
| ``scheme_tree`` | a scheme as a tree to read, and the differences of two versions |
"""
