from tracker.storage.versions import newest_schema, program_version


def test_versions_are_named() -> None:
    """The program has the version of its distribution, the tables that of the newest migration."""
    assert program_version().count(".") == 2
    assert newest_schema() >= "0003"
