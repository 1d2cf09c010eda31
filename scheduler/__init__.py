"""When what follows is asked for: calendar, draw, process managers, the clock."""
