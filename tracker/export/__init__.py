"""Lists exported as files.

| module | what it does |
| --- | --- |
| ``calendar`` | days as an iCalendar text |
| ``tables`` | a list as CSV or workbook, with its filter and time |
"""
