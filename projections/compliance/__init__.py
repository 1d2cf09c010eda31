"""Derived compliance: evaluation, duties, explanation.

| module | what it does |
| --- | --- |
| ``evaluation`` | the scheme in force evaluated over organizations' facts |
| ``tasks`` | what is due, done and missing now, with dates |
| ``criteria_served`` | which criteria an activity serves, and what each asks of it |
| ``explanation`` | why a figure is what it is: rules, windows, records, events |
| ``additions_explained`` | the additions of an inspected figure, with their limits |
| ``posted_figures`` | the figures posted for a period, with their adjustments |
| ``sources`` | self-reports and findings that a state or number comes from |
| ``scheme_effect`` | what scores would have been under another scheme |
| ``summary`` | how many, mean, lowest and highest by category |
"""
