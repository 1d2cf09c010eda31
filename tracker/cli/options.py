"""Options and arguments that several commands share, with one wording each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Month = Annotated[str, typer.Argument(metavar="MONTH", help="Assessed month, e.g. 2026-09.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="Code of the organization.")]
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Name that the user signs in with.")]
SchemeSource = Annotated[
    str, typer.Argument(metavar="FILE|ID", help="YAML file, or ID of a built-in scheme.")
]
PolicyFile = Annotated[Path, typer.Argument(metavar="FILE", help="YAML file of the policy.")]
Scope = Annotated[
    str | None,
    typer.Option(metavar="CODE", help="Root organization; required if there are several."),
]
Organization = Annotated[
    str | None, typer.Option("--organization", metavar="CODE", help="Only this organization.")
]
Under = Annotated[
    str | None,
    typer.Option("--under", metavar="CODE", help="Only this organization and its descendants."),
]
Yes = Annotated[
    bool,
    typer.Option("--yes", help="Do not ask before a step that cannot be undone."),
]
Port = Annotated[
    int,
    typer.Option(metavar="PORT", min=0, max=65535, help="Port to listen on; 0 picks a free port."),
]
