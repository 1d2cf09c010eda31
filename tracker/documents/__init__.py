"""Scheme and policy documents: loaded, shown, put into words.

| module | what it does |
| --- | --- |
| ``sources`` | documents from files and from the shipped catalogue |
| ``shown`` | schemes as the command line and the API answer them |
"""
