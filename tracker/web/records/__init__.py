"""Records: recorded, corrected, listed, imported.

| module | what it does |
| --- | --- |
| ``form`` | the form that records an activity |
| ``record`` | one record with its history and receipt |
| ``changes`` | corrects and retracts a record |
| ``listing`` | the records of an organization by month, as pages and files |
| ``reports`` | the form that reports conditions and measures |
| ``imports`` | imports an uploaded file: validated first, then recorded |
| ``import_table`` | imports a table whose columns a person confirms |
| ``problem_workbook`` | a table with its problems, as a workbook to mend |
| ``import_columns`` | the columns of each list in words, with an example row |
| ``evidence_files`` | upload and download of evidence files |
"""
