"""When things happen: the calendar, the draw, the monthly process, the clock.

| module | what it does |
| --- | --- |
| ``calendar`` | when a cycle opens, draws, reminds and closes |
| ``working_days`` | working days of the People's Republic of China |
| ``sampling`` | pure: the two-step draw, reproducible from the events |
| ``assignment`` | pure: random inspectors for the drawn organizations |
| ``spot_check`` | pure: the monthly process manager, which steps are due |
| ``opening`` | the step that opens a cycle: pins versions, commits to the frame |
| ``going_live`` | what going live would open, and for whom |
| ``readiness`` | organizations without an account and without facts, before going live |
| ``drawing`` | the step that draws and assigns inspectors |
| ``closing`` | the step that closes: posts the figures, seals the log |
| ``draw_check`` | verification of a draw from the events alone |
| ``explaining`` | why an organization was drawn, or was not |
| ``runner`` | executes every step that is due, in order, once |
| ``sealing`` | the seal of the day |
| ``leases`` | leases that let the other schedulers stay idle |
| ``clock_check`` | whether the clock can be trusted, and a person's confirmation |
| ``clock`` | calls a function at a fixed interval; the only module that imports APScheduler |
"""
