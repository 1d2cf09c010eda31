"""Accounts: sign-in, one's own account, administration, delegation.

| module | what it does |
| --- | --- |
| ``sign_in`` | sign-in, one-time links, the user's own account: password, second factor, tokens |
| ``accounts`` | the list of accounts; opening, roles, disabling, one-time links |
| ``delegations`` | a user's own role delegated and taken back |
| ``calendar`` | a user's duties as a calendar, by a secret link |
| ``suggestions`` | people offered while somebody types |
| ``people_list`` | accounts from a list, slips, who has not signed in yet |
"""
