"""Inspections: an inspector's assignments, the joint sheet, its signatures.

| module | what it does |
| --- | --- |
| ``assignments`` | an inspector's assignments, and a sheet with its records and evidence |
| ``sheets`` | a sheet parsed, validated against its inspection, and appended |
| ``signatures`` | a sheet proposed by one inspector and signed by the others |
"""
