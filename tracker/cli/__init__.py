"""The command line: one module per group of commands.

| module | what it does |
| --- | --- |
| ``main`` | the entry point, errors and exit status |
| ``session`` | the actor, the database, output as tables or JSON |
| ``options`` | options and arguments that several commands share |
| ``setup`` | ``init``, ``demo``, ``rebuild`` |
| ``going_live`` | ``go-live`` |
| ``documents`` | ``scheme``, ``policy`` |
| ``importing`` | ``import`` |
| ``records`` | ``compliance``, ``todo``, ``file``, ``rank`` |
| ``spot_check`` | ``spot-check`` |
| ``audit`` | ``audit`` |
| ``scheduling`` | ``scheduler`` |
| ``accounts`` | ``account`` |
| ``serving`` | ``serve`` |
| ``copying`` | ``backup``, ``restore`` |
| ``databases`` | ``database`` |
| ``checking`` | ``check`` |
"""
