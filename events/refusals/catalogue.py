"""The one catalogue of refusals and problems: every sentence by its code, English and Chinese.

| room | what is in it |
| --- | --- |
| ``sentence`` | one sentence in both languages, and the kinds of refusal |
| ``accounts`` ``organizations`` ``records`` ``sheets`` ``cycles`` | refusals, by what is refused |
| ``requests`` ``setup`` | refusals of parameters and dates; of settings, databases, backups |
| ``documents`` ``schemes`` ``rules`` ``policies`` | refusals and problems of documents |
| ``draws`` | what does not follow when a draw is repeated |
| ``lines`` ``fields`` | faults of import files and lines; of values and forms |
"""

from __future__ import annotations

from itertools import chain

from events.refusals.accounts import ACCOUNTS
from events.refusals.cycles import CYCLES
from events.refusals.documents import DOCUMENTS
from events.refusals.draws import DRAWS
from events.refusals.fields import FIELDS
from events.refusals.lines import LINES
from events.refusals.organizations import ORGANIZATIONS
from events.refusals.policies import POLICIES
from events.refusals.records import RECORDS
from events.refusals.requests import REQUESTS
from events.refusals.rules import RULES
from events.refusals.schemes import SCHEMES
from events.refusals.sentence import Kind, Sentence
from events.refusals.setup import SETUP
from events.refusals.sheets import SHEETS

__all__ = ["CATALOGUE", "PARTS", "Kind", "Sentence"]

PARTS = (
    ACCOUNTS,
    CYCLES,
    DOCUMENTS,
    DRAWS,
    FIELDS,
    LINES,
    ORGANIZATIONS,
    POLICIES,
    RECORDS,
    REQUESTS,
    RULES,
    SCHEMES,
    SETUP,
    SHEETS,
)
CATALOGUE: dict[str, Sentence] = dict(chain.from_iterable(part.items() for part in PARTS))
"""Every sentence by its key: a code, or a code, a dot and the variant's name.

Variants of one code differ in their sentence or kind; callers see the code alone.
"""
