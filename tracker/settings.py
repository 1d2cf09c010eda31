"""Settings from the environment, each with the prefix ``TRACKER_``."""

from __future__ import annotations

import getpass
import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from events.refusals.errors import BadValue, Refused
from tracker.storage.database import BUSY_SECONDS, sqlite_file
from tracker.storage.upload_quota import MOST_MEGABYTES
from tracker.wording.faults import message_of

EVIDENCE = Path("evidence")
ENV_FILE = "TRACKER_ENV_FILE"
"""Names a file of lines ``TRACKER_NAME=value``, so that service and command line share them."""


def system_actor() -> str:
    """Return ``os:`` and the operating system's user, the default actor."""
    try:
        return f"os:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"os:{os.getuid()}"


def default_evidence_folder(given: dict[str, Any]) -> Path:
    """Return the folder ``evidence`` next to the SQLite database of these settings.

    For PostgreSQL, and for a URL that opening will refuse, it is in the working directory.
    """
    try:
        file = sqlite_file(given.get("database_url", ""))
    except Refused:
        file = None
    return EVIDENCE if file is None else file.parent / EVIDENCE


class Settings(BaseSettings):
    """The settings of the process.

    ``busy_seconds`` is the timeout of locks and connections of the database; ``evidence_folder`` is
    where uploaded files are stored: by default next to the SQLite database, whatever the working
    directory is. ``backup_folder`` is where backups are. ``upload_megabytes`` is how much evidence
    an account may upload in a day. ``public_url`` is the address that users type; without it links
    use the address of the request. ``proxies`` are the addresses and networks, separated by commas,
    of the reverse proxies whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed; without
    it nobody's are. ``workers`` is the number of processes that compute.
    """

    model_config = SettingsConfigDict(env_prefix="TRACKER_", frozen=True)

    database_url: str = "sqlite:///tracker.db"
    actor: str = Field(default_factory=system_actor, max_length=64)
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    busy_seconds: float = Field(default=BUSY_SECONDS, gt=0, le=3600)
    evidence_folder: Path = Field(default_factory=default_evidence_folder)
    backup_folder: Path = Path("backup")
    upload_megabytes: int = Field(default=MOST_MEGABYTES, ge=1, le=1_000_000)
    public_url: str = ""
    proxies: str = ""
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, address: str) -> str:
        if address and not re.fullmatch(r"https?://[^/\s?#]+", address.rstrip("/")):
            raise BadValue("value_address")
        return address.rstrip("/")

    @field_validator("proxies")
    @classmethod
    def _networks(cls, proxies: str) -> str:
        names = [name.strip() for name in proxies.split(",") if name.strip()]
        try:
            return ",".join(str(ip_network(name)) for name in names)
        except ValueError:
            raise BadValue("value_proxies") from None

    @field_validator("actor")
    @classmethod
    def _an_identifier(cls, actor: str) -> str:
        if not actor.strip() or not actor.isprintable():
            raise BadValue("value_actor")
        return actor


def _environment_file() -> Path | None:
    """Return the file of settings that the environment names; None where it names none."""
    name = os.environ.get(ENV_FILE, "")
    if not name:
        return None
    file = Path(name)
    try:
        file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "not UTF-8"
        raise Refused("env_file_unreadable", file=file.absolute(), problem=problem) from None
    return file


def load_settings(**given: Any) -> Settings:
    """Return the settings of the environment, overridden by those of the command line.

    The file that ``TRACKER_ENV_FILE`` names is read first, and the environment overrides it.
    ``Refused`` names the variable that has a bad value, or the file that cannot be read.
    """
    values = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(_env_file=_environment_file(), **values)
    except ValidationError as error:
        fault = error.errors()[0]
        name = ".".join(str(part) for part in fault["loc"]).upper()
        if fault["type"] != "extra_forbidden":  # a line of the file is named as it is there
            name = f"TRACKER_{name}"
        raise Refused("bad_setting", field=name, problem=message_of(fault)) from None
