"""The demonstration: an invented district, and twelve months of it by the CLI's own commands.

| room | what is in it |
| --- | --- |
| ``run`` | the commands, one after another, and where to look |
| ``district`` ``branches`` ``names`` | organizations, inspectors, recusals, changes of lives |
| ``records`` ``facts`` ``flaws`` ``dice`` | what a month brings, with the flaws of real life |
| ``sheets`` | what the inspectors find |
| ``accounts`` | somebody of each role to sign in as |
"""
