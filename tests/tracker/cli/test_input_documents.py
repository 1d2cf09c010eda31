"""Bad documents, sheets and arguments at the command line: one clear line, nothing recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.command_line import FIRST, MONTH, SECOND, CommandLine
from tests.support.districts import scheme
from tests.tracker.cli.test_input import DEEP, refused

HUGE = 30_000_000
POLICY = {"policy": "district"}


def with_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a scheme whose first criterion has another rule."""
    document: dict[str, Any] = json.loads(json.dumps(scheme()))
    document["sections"][0]["items"][0]["criteria"][0]["rule"] = rule
    return document


BAD_BYTES: dict[str, tuple[bytes, str]] = {
    "not UTF-8": ("scheme: x\ntitle: 社区".encode("gbk"), "line 2: the text is not UTF-8"),
    "broken": (b"scheme: x\npoints: [1, 2\n", "line 3"),
    "key twice": (b"scheme: x\nscheme: y\n", "line 2"),
    "tag": (b"scheme: !!python/object:os.system x\n", "line 1"),
    "anchor": (b"scheme: &a x\n", "line 1"),
    "second document": (b"scheme: x\n---\nscheme: y\n", "line 2"),
    "a list": (b"- scheme\n", "line 1"),
    "nothing": (b"", "line 1"),
    "NUL": (b"scheme: \x00\n", "line 1"),
    "30 MB": (b"scheme: " + b"x" * HUGE, "at most 2 MB"),
    "deep": (b"[" * DEEP, "line 1"),
    "deep and closed": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "line 1"),
    "deep blocks": (b"\n".join(b" " * n + b"a:" for n in range(1500)), "line 5"),
}


@pytest.mark.parametrize("command", ["scheme check", "scheme publish", "policy check"])
@pytest.mark.parametrize("name", BAD_BYTES)
def test_a_document_that_cannot_be_read_is_refused(
    cli: CommandLine, name: str, command: str
) -> None:
    """A scheme or a policy that is no plain YAML is refused in one line with file and line."""
    content, problem = BAD_BYTES[name]
    file = cli.file(content, ".yaml")
    (line,) = refused(cli, *command.split(), file).err.splitlines()
    assert line.startswith((f"tracker: {file}: ", f"tracker: {file}, line "))
    assert problem in line


SCHEMES: dict[str, tuple[dict[str, Any], str]] = {
    "wrong sum": (scheme(points=9), "9"),
    "unknown category": (scheme(categories=["guild"]), "guild"),
    "unknown field": (scheme(colour="red"), "colour"),
    "negative points": (scheme(points=-8), "points"),
    "points NaN": (scheme(points="NaN"), "points"),
    "bad month": (scheme(effective_from="2026-13"), "effective_from"),
    "unknown activity": (
        with_rule({"kind": "activity", "activity": "tea_party", "per": "month"}),
        "tea_party",
    ),
    "unknown rule": (with_rule({"kind": "lottery"}), ": m"),
    "no sections": (scheme(sections=[]), "sections"),
}


@pytest.mark.parametrize("name", SCHEMES)
def test_a_faulty_scheme_is_refused_at_its_place(cli: CommandLine, name: str) -> None:
    """Publishing a faulty scheme names every fault at its place; checking it ends with 3."""
    document, problem = SCHEMES[name]
    file = cli.file(document, ".yaml")
    answer = refused(cli, "scheme", "publish", file)
    assert all(line.startswith(f"tracker: {file}: ") for line in answer.err.splitlines())
    assert problem in answer.err
    checked = cli.ask("scheme", "check", file, status=3)
    assert checked["ok"] is False
    assert all(one["place"] and one["problem"] for one in checked["problems"])


POLICIES: dict[str, tuple[dict[str, Any], str]] = {
    "closes before the draw": ({"spot_check": {"draws": 6, "closes": 5}}, "spot_check"),
    "no such day": ({"spot_check": {"opens": 0}}, "spot_check.opens"),
    "draws within the grace": ({"spot_check": {"draws": 3}}, "draws"),
    "a fraction above 1": ({"sampling": {"default": {"fraction": 2}}}, "sampling"),
    "weights that add up to 2": ({"annual": {"process": 1, "year_end": 1}}, "annual"),
    "unknown field": ({"colour": "red"}, "colour"),
    "unknown choice": ({"unchecked_month": "perhaps"}, "unchecked_month"),
    "no such date": ({"half_year": {"self_check_due": "02-30"}}, "half_year"),
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_faulty_policy_is_refused_at_its_place(cli: CommandLine, name: str) -> None:
    """Publishing a faulty policy names every fault at its field; checking it ends with 3."""
    more, problem = POLICIES[name]
    file = cli.file(POLICY | more, ".yaml")
    answer = refused(cli, "policy", "publish", file)
    assert all(line.startswith(f"tracker: {file}: ") for line in answer.err.splitlines())
    assert problem in answer.err
    assert cli.ask("policy", "check", file, status=3)["ok"] is False


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "is not JSON"),
        (b"[]", "is not a JSON object"),
        (b"[" * DEEP, "nested too deeply"),
        (b'{"a":' * DEEP, "nested too deeply"),
        (b'{"sheet_id": "' + b"x" * HUGE + b'"}', ""),
        ('{"sheet_id": "社"}'.encode("gbk"), "not UTF-8"),
        (b'{"period": "2026-09", "period": "2026-09"}', "field period: is given twice"),
        (b'{"period": NaN}', "NaN is not a number"),
    ],
    ids=["broken", "list", "deep", "deep object", "30 MB", "not UTF-8", "key twice", "NaN"],
)
def test_a_sheet_that_cannot_be_read_is_refused(
    cli: CommandLine, content: bytes, problem: str
) -> None:
    """A sheet that is no plain JSON object is refused in one line with its file."""
    file = cli.file(content, ".json")
    (line,) = refused(cli, "spot-check", "score", file).err.splitlines()
    assert line.startswith(f"tracker: {file}: field ")
    assert problem in line


SHEETS: dict[str, tuple[dict[str, Any], str]] = {
    "wrong inspector": ({"inspectors": ["p-1", "p-9"]}, "p-9"),
    "no inspector": ({"inspectors": []}, "field inspectors"),
    "unknown organization": ({"organization": "98"}, "field organization: 98"),
    "no month": ({"period": "2026-13"}, "field period"),
    "month without a cycle": ({"period": "2026-10"}, "2026-10"),
    "unknown field": ({"colour": "red"}, "field colour"),
    "unknown criterion": ({"findings": [{"criterion": "zz", "credit": "1", "reason": "x"}]}, "zz"),
    "credit above 1": (
        {"findings": [{"criterion": "2.4.1.1", "credit": "1.5", "reason": "x"}]},
        "field findings.0.credit",
    ),
    "credit NaN": (
        {"findings": [{"criterion": "2.4.1.1", "credit": "NaN", "reason": "x"}]},
        "field findings.0.credit",
    ),
    "unknown record": ({"disallow": [{"record_id": "a-9", "reason": "x"}]}, "a-9"),
    "due in the past": (
        {"rectify": [{"criterion": "2.4.1.1", "problem": "x", "due": "2026-10-01"}]},
        "2026-10-01",
    ),
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_held_to_the_cycle(cli: CommandLine, name: str) -> None:
    """A sheet with an unknown inspector, organization or criterion is refused with its file."""
    cli.drawn()
    more, problem = SHEETS[name]
    file = cli.file(cli.sheet(**more), ".json")
    (line,) = refused(cli, "spot-check", "score", file).err.splitlines()
    assert line.startswith(f"tracker: {file}: ")
    assert problem in line


def test_of_several_sheets_none_is_taken_where_one_cannot_be_read(cli: CommandLine) -> None:
    """All sheets are read before the first one is recorded."""
    cli.drawn()
    good = cli.file(cli.sheet(), ".json")
    bad = cli.file("{", ".json")
    refused(cli, "spot-check", "score", good, bad)


ARGUMENTS: dict[str, tuple[str, str]] = {
    "compliance --period 2026-13": ("2026-13", ""),
    "compliance --period september": ("september", ""),
    "compliance --period 2026-09 --organization 98": ("98", ""),
    "compliance --period 2026-09 --under 98": ("98", ""),
    f"compliance --period 2026-09 --under {FIRST} --organization {SECOND}": ("not both", ""),
    "compliance --period 2026-09 --purpose weekly": ("--purpose", "weekly"),
    "compliance --period 2026-09 --known-at yesterday": ("yesterday", ""),
    "compliance --period 0000-01": ("0000-01", ""),
    "rank --period 2026-13": ("2026-13", ""),
    "rank --period 2026-09 --under 98": ("98", ""),
    "rank --period 2026-09 --category guild": ("guild", ""),
    "todo 98": ("98", ""),
    "file 98": ("98", ""),
    "spot-check open 2026-13": ("2026-13", ""),
    "spot-check open 2026": ("2026", ""),
    "spot-check open 2026-08": ("2026-08", ""),
    "spot-check open 2026-09": ("2026-09", ""),
    f"spot-check open 2026-09 --scope {FIRST}": ("--scope", FIRST),
    "spot-check show 2026-09 --scope 98": ("98", ""),
    "spot-check draw 2026-09": ("2026-09", ""),
    "spot-check close 2026-09": ("2026-09", ""),
    "spot-check close 2026-09 --uninspected x": ("2026-09", ""),
    "spot-check bulletin 2026-09": ("2026-09", ""),
    "scheme show nothing": ("nothing", "scheme list"),
    "scheme show community-2011@9": ("community-2011@9", ""),
    "scheme close nothing --from 2027-01": ("nothing", ""),
    "scheme close community-2011 --from 2027-13": ("2027-13", ""),
    "scheme publish community-2011 --from 2026-13": ("2026-13", ""),
    "scheme publish community-2011 --from 2026-10": ("community-2011", "2026-09"),
    "scheme publish nothing.yaml": ("nothing.yaml", "no such file"),
    "scheme check .": ("folder", ""),
    "policy publish nothing.yaml": ("nothing.yaml", "no such file"),
    "import nothing.jsonl": ("nothing.jsonl", "no such file"),
    "import .": ("folder", ""),
    "import nothing.jsonl --reason x": ("--historical", ""),
    "spot-check score nothing.json": ("nothing.json", "no such file"),
    "audit log --from 2026-02-30": ("2026-02-30", ""),
    "audit log --after nonsense": ("nonsense", ""),
    "audit log --organization 98": ("98", ""),
    "audit log --limit 0": ("--limit", ""),
    "audit log --limit many": ("--limit", ""),
    "init --zone Mars/Olympus": ("Mars/Olympus", ""),
    "init --zone UTC": ("Asia/Shanghai", ""),
    "init --first-month 2026-13": ("2026-13", ""),
    "init --first-month 2026-01": ("2026-09", ""),
    "rebuild --workers 0": ("--workers", ""),
}


@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_bad_value_is_refused(cli: CommandLine, command: str) -> None:
    """A value that is no month, no code or no file is named in one line, with exit status 1."""
    answer = refused(cli, *command.split())
    (line,) = answer.err.splitlines()
    assert answer.out == ""
    assert all(part in line for part in ARGUMENTS[command])


def test_an_identity_that_is_none_is_refused(cli: CommandLine) -> None:
    """An actor that is empty, too long or unprintable is refused by the name of its setting."""
    for actor in ("", " ", "x" * 65, "a\nb", "\x1b[31m"):
        answer = refused(cli, "policy", "show", "--actor", actor)
        assert "TRACKER_ACTOR: " in answer.err


def test_a_sheet_after_the_close_is_refused(cli: CommandLine) -> None:
    """A month that is closed takes no sheet, and a second closing changes nothing."""
    cli.drawn()
    cli.at("2026-10-11 00:30")
    cli.done("spot-check", "close", MONTH)
    refused(cli, "spot-check", "score", cli.file(cli.sheet(), ".json"))
