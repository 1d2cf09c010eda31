"""Accounts: sign-in, sessions, second factor, tokens, delegation.

| module | what it does |
| --- | --- |
| ``sign_in`` | passwords, one-time links, sessions and tokens checked |
| ``credentials`` | names, password hashes, sessions and tokens, stored outside the log |
| ``hashing`` | password hashes, a bounded number at once |
| ``second_factor`` | one-time codes at sign-in, enabled and disabled |
| ``personal_tokens`` | tokens with which programs act for an account |
| ``rate_limit`` | attempts at passwords and codes counted and limited |
| ``delegations`` | one's own role delegated to somebody for a while |
| ``calendar_links`` | secret links of personal calendars |
| ``contacts`` | whom to call in an organization |
| ``grant_checks`` | what a role that is granted may name |
| ``picking`` | people by name, initials, log-in name or id |
| ``listing`` | accounts searched by name, role and state |
| ``first_start`` | the first administrator and the one-time link |
| ``appending`` | commands to an account decided and appended |
| ``codes`` | one-time codes of printed slips |
| ``people`` | names and phones outside the log, which can be erased |
| ``waiting`` | who has not signed in yet, and new codes for them |
"""
