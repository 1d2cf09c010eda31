"""What leaves the house as a file.

| room | what is in it |
| --- | --- |
| ``tables`` | any list as CSV or as a workbook, with exactly the filter that was shown |
"""
