from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import repeat

import pytest

from scheduler.leases import LEASE_SECONDS, hold_lease, release_lease
from tests.support.districts import District


@pytest.fixture
def district(database_url: str) -> Iterator[District]:
    """A district on each kind of database."""
    district = District(database_url, size=0, people=0)
    yield district
    district.dispose()


def test_one_holds_and_the_others_wait(district: District) -> None:
    """The first holder gets the lease and may renew it; nobody else gets it meanwhile."""
    now = district.clock()
    assert hold_lease(district.store, "scheduler", "a", now)
    assert not hold_lease(district.store, "scheduler", "b", now)
    later = now + timedelta(seconds=LEASE_SECONDS - 1)
    assert hold_lease(district.store, "scheduler", "a", later)
    assert not hold_lease(
        district.store, "scheduler", "b", later + timedelta(seconds=LEASE_SECONDS)
    )


def test_of_many_at_once_one_holds(district: District) -> None:
    """Of holders that ask at the same moment one gets the lease, and the others see that."""
    now = district.clock()
    names = [f"h-{number}" for number in range(4)]
    for lease in ("one", "two", "three"):
        with ThreadPoolExecutor(len(names)) as pool:
            held = pool.map(hold_lease, repeat(district.store), repeat(lease), names, repeat(now))
        assert sorted(held) == [False, False, False, True]


def test_a_lease_that_ran_out_goes_to_the_next(district: District) -> None:
    """The lease of a dead holder expires after its time, and another holder gets it."""
    now = district.clock()
    assert hold_lease(district.store, "scheduler", "a", now)
    over = now + timedelta(seconds=LEASE_SECONDS + 1)
    assert hold_lease(district.store, "scheduler", "b", over)
    assert not hold_lease(district.store, "scheduler", "a", over)


def test_a_lease_of_a_clock_that_was_ahead_is_void(district: District) -> None:
    """A lease left in the future is taken over; one of a clock five minutes ahead is not."""
    now = district.clock()
    assert hold_lease(district.store, "scheduler", "a", now + timedelta(minutes=5))
    assert not hold_lease(district.store, "scheduler", "b", now)
    assert hold_lease(district.store, "scheduler", "a", now + timedelta(days=365))
    assert hold_lease(district.store, "scheduler", "b", now)


def test_a_lease_is_given_back_by_its_holder_alone(district: District) -> None:
    """A released lease is free at once; releasing another holder's lease changes nothing."""
    now = district.clock()
    hold_lease(district.store, "scheduler", "a", now)
    release_lease(district.store, "scheduler", "b")
    assert not hold_lease(district.store, "scheduler", "b", now)
    release_lease(district.store, "scheduler", "a")
    assert hold_lease(district.store, "scheduler", "b", now)


def test_leases_of_other_names_do_not_meet(district: District) -> None:
    """Leases of different names are independent."""
    now = district.clock()
    assert hold_lease(district.store, "scheduler", "a", now)
    assert hold_lease(district.store, "other", "b", now)
