"""Shared by all pages: rendering, forms, lists, charts, words.

| module | what it does |
| --- | --- |
| ``rendering`` | renders templates in two languages, with navigation and dates |
| ``forms`` | a form as typed, with each fault at its field |
| ``picker`` | a field that takes an organization or a person by name |
| ``uploaded`` | one file uploaded with a form |
| ``attachments`` | evidence in forms and on pages |
| ``listing`` | a list behind a figure, by pages and as a file |
| ``charts`` | charts as inline SVG with a text alternative |
| ``event_words`` | the name of each event type in both languages |
| ``event_fields`` | the data of an event in words |
| ``names`` | the names of people by their ids |
| ``reasons`` | the reasons of a credit and exact numbers, in words |
| ``qr`` | QR codes as inline SVG |
"""
