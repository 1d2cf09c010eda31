"""When: the calendar, the draw, the monthly process, the clock.

| module | what it does |
| --- | --- |
| ``calendar`` | when a cycle opens, draws, reminds and closes |
| ``working_days`` | working days of the People's Republic of China |
| ``sampling`` | pure: the two-step draw, reproducible from the events |
| ``assignment`` | pure: random inspectors for the drawn organizations |
| ``spot_check`` | pure: the monthly process manager, what is due now |
| ``opening`` | the step that opens a cycle: versions pinned, frame committed |
| ``drawing`` | the step that draws, and assigns inspectors |
| ``closing`` | the step that closes: figures posted, the log sealed |
| ``draw_check`` | a draw repeated from the events alone |
| ``explaining`` | why an organization was drawn, or was not |
| ``runner`` | does every step that is due, in order, once |
| ``leases`` | the lease that lets other schedulers stay idle |
| ``clock`` | the alarm clock; the only module that knows APScheduler |
"""
