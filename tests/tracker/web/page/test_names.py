"""Tests of the names of people by their ids."""

from pathlib import Path

from tests.support.small_district import SmallDistrict
from tests.support.web_district import WebDistrict
from tracker.web.page.names import read_people_names


def test_people_are_named_by_account_and_by_person(sqlite_url: str, tmp_path: Path) -> None:
    """An inspector's id has the name of the linked account; an unknown id has none."""
    district = WebDistrict(sqlite_url, tmp_path)
    visitor = district.enter("inspector", None, person="p-1")
    with district.small.read() as reader:
        names = read_people_names(reader, ["p-1", visitor.account, "p-9"])
    assert names["p-1"] == names[visitor.account] == "名inspector-None"
    assert "p-9" not in names
    district.dispose()


def test_who_acts_on_the_command_line_is_named_by_what_they_are(sqlite_url: str) -> None:
    """Users of the operating system and the scheduler have no id on pages, in either language."""
    small = SmallDistrict(sqlite_url)
    with small.read() as reader:
        named = [
            read_people_names(reader, ["os:root", "scheduler"], language)
            for language in ("zh", "en")
        ]
    small.dispose()
    assert named == [
        {"os:root": "系统管理员（命令行）", "scheduler": "系统定时"},
        {"os:root": "administrator (command line)", "scheduler": "scheduler"},
    ]
