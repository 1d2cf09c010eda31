"""Scoring: the facts of one organization against a scheme. Pure, exact arithmetic.

| module | what it does |
| --- | --- |
| ``history`` | the facts of one organization as plain values |
| ``findings`` | the findings of inspection sheets that matter to one period |
| ``additions`` | the additions that a sheet found, cut by caps, in points of the scheme |
| ``catalogue`` | one version of a scheme prepared for scoring: criteria by code, exact weights |
| ``scheme_book`` | all published versions, and which one governs a category in a month |
| ``rules`` | conditions, measures, deductions and findings as credits |
| ``credit`` | activity rules: windows, records, lateness, the credit of a period |
| ``hits`` | what each record is worth in each window, historical lines by the dates that count |
| ``plan`` | what all organizations of one life share for a period, compiled once |
| ``assessment`` | the criteria, sums and score of one period |
| ``figures`` | exact numbers, their texts, and the one rounding of a score |
"""
