"""The demonstration: an invented district and twelve months of it.

| module | what it does |
| --- | --- |
| ``run`` | the commands of the CLI that make it, one after another |
| ``district`` | organizations, inspectors, recusals, changes of lives |
| ``branches`` | what each branch is like |
| ``names`` | invented names |
| ``records`` | the records of a month |
| ``facts`` | conditions and measures of a month |
| ``flaws`` | what goes wrong in real life: late, missing, incomplete |
| ``dice`` | reproducible chance |
| ``sheets`` | what the inspectors find |
| ``accounts`` | an account for each role |
"""
