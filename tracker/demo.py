"""x"""
from typing import Any
def run_demo(*_args: Any, **_named: Any) -> None:
    """x"""
