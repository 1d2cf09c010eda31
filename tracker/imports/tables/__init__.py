"""Lists as people have them: workbooks and tables read as import lines.

| module | what it does |
| --- | --- |
| ``workbook`` | the sheets of a workbook, through a process with limits |
| ``workbook_child`` | that process: cells of a workbook as JSON |
| ``text_tables`` | CSV and tab-separated tables, pasted rows |
| ``cells`` | cells and sheets, merged ranges filled |
| ``written`` | days and numbers as people write them |
| ``columns`` | fields of each kind of list, and the headings that name them |
| ``mapping`` | header row, kind of list and mapping of columns, proposed |
| ``proposal`` | sheet, header and mapping as a proposal that a person can change |
| ``words`` | organizations, states and vocabulary by what people write |
| ``conversion`` | rows as import lines, with faults by cell |
| ``reading`` | a file with a table as a file of import lines |
| ``corrections`` | rows that differ from their records, as corrections |
| ``importing`` | those lines imported, faults at the rows of the sheet |
| ``people`` | lists of people who are to have accounts |
"""
