"""Inspections: the sheet and the teams.

| module | what it does |
| --- | --- |
| ``sheet`` | the inspection sheet, filled in and signed |
| ``sheet_rows`` | each criterion of a sheet: rule, derived credit, records with evidence |
| ``finding_words`` | a finding and its credit in words |
| ``addition_words`` | additions in words: offered by an item, found by a sheet |
| ``sheet_view`` | the rows of a sheet as plain values |
| ``sheet_read`` | the submitted sheets of an inspection, to read and print |
| ``teams`` | inspectors, their teams and recusals |
"""
