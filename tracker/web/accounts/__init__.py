"""Accounts: sign-in, one's own account, administration, delegation.

| module | what it does |
| --- | --- |
| ``sign_in`` | sign-in, one-time links, one's own account |
| ``accounts`` | accounts opened, changed and disabled |
| ``delegations`` | one's role lent and taken back |
"""
