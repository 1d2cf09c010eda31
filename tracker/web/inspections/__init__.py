"""Inspections: the sheet and the teams.

| module | what it does |
| --- | --- |
| ``sheet`` | the inspection sheet, filled in and signed |
| ``sheet_rows`` | what a sheet shows of each criterion |
| ``sheet_read`` | sheets as a paper to read and print |
| ``teams`` | inspectors, their teams and recusals |
"""
