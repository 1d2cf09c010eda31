"""The demonstration: an invented district and thirteen months of its life.

| module | what it does |
| --- | --- |
| ``run`` | the days in order: what people do, and the monthly process |
| ``clock`` | the clock while it is built, and the day on which that ends |
| ``district`` | the lines of each day: organizations, inspectors, recusals, months |
| ``branches`` | the organizations, and five changes of them |
| ``names`` | invented names, titles and reasons |
| ``records`` | the records of a month |
| ``facts`` | the conditions and measures that organizations report |
| ``flaws`` | realistic flaws of records: late, missing, incomplete |
| ``dice`` | reproducible chance |
| ``recording`` | a day's records, typed on pages or sent in a file |
| ``evidence`` | evidence files of records and replies, stored as uploads are |
| ``pictures`` | pictures of meetings and of sheets with signatures |
| ``papers`` | minutes as PDF |
| ``inspecting`` | the days of inspection, and who is left to inspect |
| ``sheets`` | the joint sheets of the inspectors |
| ``aftermath`` | replies to orders, an adjustment, a role lent to a deputy |
| ``earlier`` | a demonstration that is there already, and what was recorded in it since |
| ``accounts`` | an account for each role, and of all secretaries and inspectors |
"""
