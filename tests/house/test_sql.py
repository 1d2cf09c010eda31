"""SQL is written by the owner of its table: none in the interfaces or the scheduler."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.log.tables import METADATA
from projections.catalog import CATALOG

ROOT = Path(__file__).parents[2]
LAYERS = ("events", "projections", "scheduler", "tracker")
WITHOUT_SQL = ("tracker.web", "tracker.api", "tracker.http", "tracker.cli", "scheduler")
STATEMENT = re.compile(
    r"\b(?:SELECT\s+[\w(*'].*|INSERT\s+INTO\s+\w|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s+\w"
    r"|FROM\s+\w+(?:\s+\w+)?\s+(?:WHERE|JOIN|ORDER|GROUP)\b)",
    re.DOTALL,
)
NAMED = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(\w+)")

LEASES = "scheduler.leases"
CREDENTIALS = "tracker.accounts.credentials"
EVIDENCE_FILES = "tracker.storage.evidence"
OWNERS = {
    table: type(projection).__module__ for projection in CATALOG for table in projection.tables
} | {
    "leases": LEASES,
    "import_spool": "tracker.imports.spool",
    "credentials": CREDENTIALS,
    "sessions": CREDENTIALS,
    "one_time_links": CREDENTIALS,
    "people": "tracker.accounts.people",
    "tokens": CREDENTIALS,
    "calendar_links": "tracker.accounts.calendar_links",
    "login_attempts": "tracker.accounts.rate_limit",
    "evidence_files": EVIDENCE_FILES,
    "evidence_senders": EVIDENCE_FILES,
    "uploads_by_day": "tracker.storage.upload_quota",
    "table_mappings": "tracker.storage.table_mappings",
    "sheet_proposals": "tracker.inspections.signatures",
    "checkpoints": "projections.catalog",
    "rebuild_ranges": "projections.rebuild",
}
"""The module that writes each table and answers queries on it."""
LOG = frozenset(METADATA.tables) - OWNERS.keys()
"""The tables of the log, which the whole layer ``events`` owns."""
TREE = {"organizations", "codes", "closure"}

QUESTIONS_OF_SCOPES = {
    "projections.audit.trail": {"cycles", "organizations", "closure"},
    "projections.cycles.overview": {
        "inspections",
        "organizations",
        "rectifications",
        "assignments",
    },
    "projections.oversight.dashboard": {"organizations", "inspections", "scores"},
    "projections.oversight.heat_map": {"organizations", "closure"},
    "projections.oversight.late_and_reused": {
        "late_records",
        "evidence_uses",
        "record_facts",
        "organizations",
    },
    "projections.cycles.bulletin_lists": {"scores", "organizations"},
    "projections.organizations.picking": {"organizations", "organization_keys"},
    "projections.organizations.search": {"organizations", "closure"},
    "projections.organizations.selection": TREE,
    "projections.rectifications.ledger": {"rectifications", "organizations", "closure"},
    "projections.compliance.scheme_effect": {"organizations"},
    "projections.organizations.scope": {"organizations", "closure"},
    "projections.scores.distribution": {"scores", "organizations"},
    "projections.scores.standings": {"scores", "organizations", "closure"},
    "projections.audit.overview": {"organizations"},
    "projections.oversight.worst_items": {"scores", "organizations", "sheet_facts"},
}
"""Queries within a scope: one statement joins the organizations of the scope with the rows of the
answer and limits them to a page, which is faster than two queries."""
QUESTIONS_OF_THE_LOG = {
    "projections.electronic_file.as_known": "a stream's head and its records at a past instant",
    "projections.audit.trail": "a page of the positions that the walk along the log has found",
    "projections.audit.walk": "the walk along the log, with conditions that are put together",
    "projections.documents.in_force": "the events of one type in reading order",
    "projections.audit.event_story": "the salts of an event's texts, to prove its commitments",
    "projections.records.imports": "the newest streams of imports",
    "projections.rebuild": "ranges of streams, locked heads and a flow of rows, for a whole refold",
    "projections.electronic_file.timeline": "a page of a stream backwards",
    "projections.audit.overview": "the newest events of some types, joined with a scope",
}
"""Queries on the log that no other module has, each along one of its indexes."""
EXCEPTIONS: dict[str, dict[str, str]] = {
    "projections.rebuild": {"checkpoints": "it replaces every projection's rows as a whole"},
    "tracker.accounts.listing": {
        "accounts": "a page of accounts by log-in name, filtered by roles",
        "credentials": "the same statement",
    },
    "tracker.storage.contents": {
        "events": "it reads copies of the database by their file, without a reader",
        "heads": "the same",
        "evidence_files": "the same",
        "evidence_uses": "the same",
    },
    "tracker.storage.transfer": {
        "events": "it copies every durable table, events with their texts in chunks",
        "texts": "the same",
    },
    "tracker.commands.records": dict.fromkeys(
        ("events", "heads", "codes", "organizations", "checkpoints"),
        "one line is recorded in two statements: the first reads all that the decision needs",
    ),
    "tracker.inspections.signatures": {
        "assignments": "the proposals of everything that a person is assigned to"
    },
}


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    _module(path): path
    for layer in LAYERS
    for path in sorted((ROOT / layer).rglob("*.py"))
    if "migrations" not in path.parts
}


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Return the string constants of a module; an f-string is one text with ``?`` for values."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in formatted for part in ast.walk(node) if part is not node}
    for node in ast.walk(tree):
        if id(node) in documentation or id(node) in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(
                    str(piece.value) if isinstance(piece, ast.Constant) else "?"
                    for piece in node.values
                ),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def tables_named(path: Path) -> dict[str, int]:
    """Return the tables that the statements of a module name, each with a line."""
    known = OWNERS.keys() | LOG
    return {
        table: line for line, text in texts(path) for table in NAMED.findall(text) if table in known
    }


def allowed(module: str) -> set[str]:
    """Return the tables that a module may name without owning them."""
    log = LOG if module.startswith("events.") or module in QUESTIONS_OF_THE_LOG else set()
    return {*EXCEPTIONS.get(module, ()), *QUESTIONS_OF_SCOPES.get(module, ()), *log}


@pytest.mark.parametrize("folder", WITHOUT_SQL)
def test_doors_and_scheduler_hold_no_sql(folder: str) -> None:
    """Interfaces and scheduler contain no SQL statement, except the scheduler's leases."""
    statements = [
        f"{module}:{line}"
        for module, path in MODULES.items()
        if module.startswith(f"{folder}.") and module != LEASES
        for line, text in texts(path)
        if STATEMENT.search(text)
    ]
    assert statements == []


@pytest.mark.parametrize("module", MODULES)
def test_a_table_is_named_by_its_owner(module: str) -> None:
    """A module names only its own tables, unless an exception says why."""
    foreign = {
        table: line
        for table, line in tables_named(MODULES[module]).items()
        if OWNERS.get(table) != module and table not in allowed(module)
    }
    assert foreign == {}


def test_no_exception_is_left_over() -> None:
    """Every exception is of an existing module that names the table."""
    named = {module: set(tables_named(path)) for module, path in MODULES.items()}
    for module in {*EXCEPTIONS, *QUESTIONS_OF_SCOPES, *QUESTIONS_OF_THE_LOG}:
        tables = {*EXCEPTIONS.get(module, ()), *QUESTIONS_OF_SCOPES.get(module, ())}
        assert tables <= named[module], module
        assert module not in QUESTIONS_OF_THE_LOG or named[module] & LOG, module
