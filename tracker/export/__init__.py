"""Lists exported as files.

| module | what it does |
| --- | --- |
| ``tables`` | a list as CSV or workbook, with its filter and time |
"""
