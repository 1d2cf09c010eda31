"""The command line, one room for each group of commands.

| room | commands |
| --- | --- |
| ``main`` | the entry, errors and exit status |
| ``session`` | who acts on which database; tables for people, JSON for programs |
| ``setup`` | init, demo, rebuild |
| ``documents`` | scheme, policy |
| ``records`` | import, compliance, todo, file, rank |
| ``spot_check`` | spot-check |
| ``audit`` | audit |
| ``scheduling`` | scheduler |
| ``accounts`` | account |
| ``serving`` | serve |
| ``copying`` | backup |
"""
