"""When what follows is asked for: calendar, draw, the monthly process, the clock.

| room | what is in it |
| --- | --- |
| ``calendar`` ``working_days`` | when a cycle opens, draws, reminds and closes |
| ``sampling`` ``assignment`` | pure: whom to inspect, and who inspects |
| ``spot_check`` | pure: the process manager, what is due now |
| ``opening`` ``drawing`` ``closing`` | the steps, each in transactions of its own |
| ``draw_check`` ``explaining`` | repeating a draw from the events alone; why somebody was drawn |
| ``runner`` | does what is due, in order, once |
| ``clock`` ``leases`` | the alarm clock, and who holds it |
"""
