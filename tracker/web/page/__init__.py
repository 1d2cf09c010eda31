"""Shared by all pages.

| module | what it does |
| --- | --- |
| ``rendering`` | templates, texts in two languages, navigation, dates |
| ``forms`` | a form as typed, with each fault at its field |
| ``uploaded`` | one file that came with a form |
| ``attachments`` | evidence in forms and on pages |
| ``listing`` | a list behind a figure: paged, dated, and as a file |
| ``charts`` | charts as inline SVG with a text alternative |
| ``event_words`` | the name of each event type in both languages |
| ``event_fields`` | the data of an event in words |
| ``names`` | the names of people by their ids |
| ``reasons`` | why a criterion has its credit, in words |
| ``qr`` | QR codes as inline SVG |
"""
