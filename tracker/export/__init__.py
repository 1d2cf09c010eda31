"""Files that leave the product.

| module | what it does |
| --- | --- |
| ``tables`` | any list as CSV or as a workbook, with the filter that is shown |
"""
