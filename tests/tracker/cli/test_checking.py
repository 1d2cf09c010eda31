"""``tracker check`` and ``tracker --version``."""

from tests.support.command_line import CommandLine
from tests.support.web_district import PNG
from tracker.storage.versions import newest_schema, program_version


def test_a_service_in_order(cli: CommandLine) -> None:
    """Settings, database, evidence, clock and district are good, in a line each."""
    said = cli("check")
    assert said.status == 0
    lines = said.out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "good  settings", "good  database", "good  evidence",
        "warn  backups", "good  clock", "good  district",
    ]  # fmt: skip
    assert newest_schema() in lines[1]
    assert "2026-09-20 09:00:00 (Asia/Shanghai)" in lines[4]
    assert cli.ask("check")["ok"] is True


def faults(cli: CommandLine) -> dict[str, str]:
    """Return the sentences of the parts that are not in order, by part."""
    answer = cli.ask("check", status=3)
    assert answer["ok"] is False
    return {line["part"]: line["text"] for line in answer["checks"] if not line["ok"]}


def test_each_fault_is_named(cli: CommandLine) -> None:
    """A missing folder, a clock that is behind, older tables and stale read models."""
    cli.store_evidence(PNG)
    (cli.folder / "evidence").rename(cli.folder / "elsewhere")
    cli.at("2026-09-01 09:00")
    assert faults(cli).keys() == {"evidence", "clock"}
    cli.at("2026-09-20 09:00")
    (cli.folder / "elsewhere").rename(cli.folder / "evidence")
    cli.change("UPDATE checkpoints SET stale = 'x' WHERE stream = 'district'")
    assert "tracker rebuild" in faults(cli)["database"]
    cli.change("UPDATE alembic_version SET version_num = '0001'")
    assert "tracker init" in faults(cli)["database"]
    cli.change("DROP TABLE alembic_version")
    assert "tracker init" in faults(cli)["database"]


def test_the_age_of_the_backup(cli: CommandLine) -> None:
    """A backup of today is good, after a week it is a warning, an altered one is a fault."""
    cli.done("backup")

    def line() -> dict[str, object]:
        (row,) = [row for row in cli.ask("check")["checks"] if row["part"] == "backups"]
        return dict(row)

    assert (line()["ok"], line()["warning"]) == (True, False)
    cli.at("2026-10-01 09:00")
    assert (line()["ok"], line()["warning"]) == (True, True)
    (copy,) = (cli.folder / "backup").glob("*.db")
    copy.write_bytes(b"altered")
    cli("backup", "--check")
    assert "backups" in faults(cli)


def test_a_database_that_cannot_be_used(cli: CommandLine) -> None:
    """A file of something else, no file, and a bad setting are each one line, with status 3."""
    cli.database.write_bytes(b"no database" * 1000)
    assert "cannot be used" in faults(cli)["database"]
    cli.database.unlink()
    assert "tracker init" in faults(cli)["database"]
    cli.patch.setenv("TRACKER_WORKERS", "many")
    assert "TRACKER_WORKERS" in faults(cli)["settings"]


def test_a_year_without_working_days_is_a_warning(cli: CommandLine) -> None:
    """Weeks before an opening needs an unknown year, it is named, and so it is for a policy."""
    rolled = {"policy": "district", "spot_check": {"roll": "next_working_day"}}
    cli.at("2098-11-20 09:00")
    file = cli.file(rolled, ".yaml")
    checked = cli.ask("policy", "check", file)
    assert checked["ok"] is True
    ((place, sentence),) = [(one["place"], one["problem"]) for one in checked["problems"]]
    assert (place, "the working days of 2098 are not known" in sentence) == ("working_days", True)
    cli.at("2026-09-20 09:00")
    cli.done("policy", "publish", file)
    cli.at("2098-11-20 09:00")
    said = cli("check")
    assert "warn  calendar: the working days of 2098 are not known" in said.out
    (line,) = [one for one in cli.ask("check")["checks"] if one["part"] == "calendar"]
    assert (line["ok"], line["warning"]) == (True, True)


def test_the_version_is_printed(cli: CommandLine) -> None:
    """Without a database too."""
    cli.database.unlink()
    said = cli("--version")
    assert (said.status, said.out) == (0, f"tracker {program_version()}\n")
