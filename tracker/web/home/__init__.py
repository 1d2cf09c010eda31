"""The home page of each role, and the lists behind its figures.

| module | what it does |
| --- | --- |
| ``home`` | the home page, composed of a part for each role |
| ``branch`` | the part of a branch: due items, scores, orders |
| ``township`` | the part of a township: heat map, outstanding duties, orders |
| ``department`` | the part of the department: figures of the district |
| ``inspector`` | the part of an inspector: assigned inspections |
| ``auditor`` | the parts of an auditor and of an administrator |
| ``start`` | the first steps of a district that has nothing yet |
| ``overview`` | heat map of organizations and duties, outstanding duties |
| ``calls`` | the call list: who owes what, with whom to call |
| ``lists`` | the lists behind the figures of the department |
"""
