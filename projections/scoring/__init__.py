"""Scoring: the facts of one organization against a scheme. Pure, exact arithmetic.

| module | what it does |
| --- | --- |
| ``history`` | the facts of one organization as plain values |
| ``scheme_book`` | all published versions, and which one governs a category in a month |
| ``rules`` | conditions, measures, deductions and findings as credits |
| ``credit`` | activity rules: windows, records, lateness, the credit of a period |
| ``assessment`` | the criteria, sums and score of one period |
| ``figures`` | exact numbers, their texts, and the one rounding of a score |
"""
