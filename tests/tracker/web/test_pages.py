"""Tests of the list of all routers."""

import pkgutil
from importlib import import_module

from fastapi import APIRouter

import tracker.web
from tracker.web.pages import ROUTERS


def test_every_router_of_a_page_is_listed() -> None:
    """A module of pages with a router is in the list, once."""
    names = [one.name for one in pkgutil.walk_packages(tracker.web.__path__, "tracker.web.")]
    modules = [import_module(name) for name in names]
    routers = [module.router for module in modules if hasattr(module, "router")]
    assert all(isinstance(router, APIRouter) for router in routers)
    assert {id(router) for router in routers} == {id(router) for router in ROUTERS}
    assert len(ROUTERS) == len(routers)
