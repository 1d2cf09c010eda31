"""Schemes, the district policy and the vocabulary: models, YAML, validation, publication.

| module | what it does |
| --- | --- |
| ``schemes`` | the model of a scheme: sections, items, criteria, rules |
| ``policies`` | the model of the district policy, with its defaults and checks |
| ``working_days`` | days off and weekend days worked, year by year, for the policy |
| ``vocabulary`` | the built-in activities, conditions, measures, evidence kinds, categories |
| ``serialization`` | YAML to plain values and back, and the digest of a document |
| ``scheme_checks`` | all problems of a scheme at once, each with its place |
| ``point_checks`` | the sums of points: criteria to items, items to the scheme |
| ``addition_checks`` | additions of items: codes, ranges, caps, and items of additions alone |
| ``rule_checks`` | thresholds, tiers, deductions, and rules that nobody can ever meet |
| ``faults`` | pydantic's validation errors as problems, each at a code or dotted field |
| ``salvage`` | the readable rest of a faulty document, so that its other problems are found too |
| ``publication`` | what may be published or closed, and from which month |
"""
