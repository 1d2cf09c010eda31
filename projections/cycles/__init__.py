"""Cycles: their state, draw, assignments, sheets and bulletin.

| module | what it does |
| --- | --- |
| ``cycles`` | read model: every cycle with its state and dates |
| ``reading`` | one cycle folded from its stream |
| ``assignments`` | read model: who inspects what, one row per person and inspection |
| ``draw`` | what was drawn, from which strata, with which chance |
| ``overview`` | what a cycle's pages show: progress, missing sheets, what was left out |
| ``sheets`` | the sheets of an inspection, and what each one replaced |
| ``bulletin`` | the bulletin of a closed month |
"""
