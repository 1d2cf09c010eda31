"""Inspections: the sheet and the teams.

| module | what it does |
| --- | --- |
| ``sheet`` | the inspection sheet, filled in and signed |
| ``sheet_rows`` | each criterion of a sheet: rule, derived credit, records with evidence |
| ``finding_words`` | a finding and its credit in words |
| ``sheet_read`` | the submitted sheets of an inspection, to read and print |
| ``teams`` | inspectors, their teams and recusals |
"""
