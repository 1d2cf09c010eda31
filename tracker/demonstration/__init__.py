"""The demonstration: an invented district and twelve months of its records.

| module | what it does |
| --- | --- |
| ``run`` | the commands of the CLI that fill the database, in order |
| ``district`` | the import files: organizations, inspectors, recusals, months |
| ``branches`` | the organizations, and five changes of them |
| ``names`` | invented names, titles and reasons |
| ``records`` | the records of a month |
| ``facts`` | the conditions and measures that organizations report |
| ``flaws`` | realistic flaws of records: late, missing, incomplete |
| ``dice`` | reproducible chance |
| ``sheets`` | the joint sheets of the inspectors |
| ``earlier`` | a demonstration that is there already, and what was recorded in it since |
| ``accounts`` | an account for each role |
"""
