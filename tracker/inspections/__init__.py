"""Inspections: an inspector's duties, the joint sheet, two signatures.

| module | what it does |
| --- | --- |
| ``assignments`` | an inspector's duties and what each sheet is about |
| ``sheets`` | a sheet parsed, validated against its inspection, and appended |
| ``signatures`` | a sheet proposed by one inspector and signed by the second |
"""
