"""Accounts at the doors: sign-in, sessions, second factor, tokens, delegation.

| module | what it does |
| --- | --- |
| ``sign_in`` | passwords, one-time links, sessions and tokens checked |
| ``credentials`` | names, password hashes, sessions and tokens, stored outside the log |
| ``keyring`` | an account's second factor and personal tokens |
| ``attempts`` | rate limits of password and code attempts |
| ``lending`` | one's role lent to somebody, and taken back |
| ``listing`` | accounts searched by name, role and state |
| ``first_start`` | the first administrator and the one-time link |
"""
