"""The catalogue of refusals and problems: every sentence by its key, in English and Chinese.

The sentences are in one file per subject (the map is in ``events.refusals``); this joins them. A
new file needs an import here and a place in ``PARTS``; a new sentence needs neither.
"""

from __future__ import annotations

from itertools import chain

from events.refusals.accounts import ACCOUNTS
from events.refusals.cycles import CYCLES
from events.refusals.districts import DISTRICTS
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
from events.refusals.tables import TABLES

__all__ = ["CATALOGUE", "PARTS", "Kind", "Sentence"]

PARTS = (
    ACCOUNTS,
    CYCLES,
    DISTRICTS,
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
    TABLES,
)
CATALOGUE: dict[str, Sentence] = dict(chain.from_iterable(part.items() for part in PARTS))
"""Every sentence by its key: a code, or a code, a dot and the name of a variant.

Variants of one code have different sentences or kinds; callers see only the code.
"""
