"""Cycles: their state, draw, assignments, sheets and bulletin.

| module | what it does |
| --- | --- |
| ``cycles`` | read model: every cycle with its state and dates |
| ``reading`` | one cycle folded from its stream |
| ``scopes`` | the organizations that cycles belong to: roots and former roots |
| ``assignments`` | read model: who inspects what, one row per person and inspection |
| ``draw`` | a packed snapshot of the draw, and the chance to detect a bad organization |
| ``overview`` | a cycle's pages: head, assignments, progress by team, exclusions |
| ``sheets`` | the sheets of an inspection, and what each one replaced |
| ``root_moves`` | what moving a root under another organization will do |
| ``bulletin_lists`` | what a bulletin names: findings that count nothing, scores adjusted since |
| ``bulletin`` | the bulletin of a closed month |
"""
