"""Installing for real: units, proxy examples, container file, and the archive that has it all.

| module | what it does |
| --- | --- |
| ``bundle`` | makes the archive for a machine without internet |
"""
