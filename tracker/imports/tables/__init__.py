"""Lists as people have them: workbooks and tables read as import lines.

| module | what it does |
| --- | --- |
| ``workbook`` | the sheets of a workbook, through a process with limits |
| ``workbook_child`` | that process: cells of a workbook as JSON |
| ``cells`` | cells and sheets, merged ranges filled |
| ``written`` | days and numbers as people write them |
| ``columns`` | fields of each kind of list, and the headings that name them |
| ``mapping`` | header row, kind of list and mapping of columns, proposed |
| ``words`` | organizations, states and vocabulary by what people write |
| ``conversion`` | rows as import lines, with faults by cell |
"""
