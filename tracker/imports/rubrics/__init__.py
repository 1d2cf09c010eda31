"""Rubrics read from the tables that offices have, before they become schemes.

| module | what it does |
| --- | --- |
| ``sentences`` | rules that a sentence states in numbers, proposed with the words they come from |
| ``tables`` | sections, items, criteria and points of a table, with the sums that are off |
"""
