from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import repeat

import pytest

from scheduler.leases import LEASE_SECONDS, hold, release
from tests.support.districts import District


@pytest.fixture
def district(database_url: str) -> Iterator[District]:
    """A district on each kind of database."""
    found = District(database_url, size=0, people=0)
    yield found
    found.dispose()


def test_one_holds_and_the_others_wait(district: District) -> None:
    """The first who asks holds the lease and may keep it; nobody else has it meanwhile."""
    now = district.clock()
    assert hold(district.store, "scheduler", "a", now)
    assert not hold(district.store, "scheduler", "b", now)
    later = now + timedelta(seconds=LEASE_SECONDS - 1)
    assert hold(district.store, "scheduler", "a", later)
    assert not hold(district.store, "scheduler", "b", later + timedelta(seconds=LEASE_SECONDS))


def test_of_many_at_once_one_holds(district: District) -> None:
    """Whoever asks at the same moment, one has the lease and the others see that they have not."""
    now = district.clock()
    names = [f"h-{number}" for number in range(4)]
    for lease in ("one", "two", "three"):
        with ThreadPoolExecutor(len(names)) as pool:
            found = pool.map(hold, repeat(district.store), repeat(lease), names, repeat(now))
        assert sorted(found) == [False, False, False, True]


def test_a_lease_that_ran_out_goes_to_the_next(district: District) -> None:
    """Where its holder died the lease is free again after its time, and is the other's then."""
    now = district.clock()
    assert hold(district.store, "scheduler", "a", now)
    over = now + timedelta(seconds=LEASE_SECONDS + 1)
    assert hold(district.store, "scheduler", "b", over)
    assert not hold(district.store, "scheduler", "a", over)


def test_a_lease_is_given_back_by_its_holder_alone(district: District) -> None:
    """Given back, it is free at once; giving back what somebody else holds changes nothing."""
    now = district.clock()
    hold(district.store, "scheduler", "a", now)
    release(district.store, "scheduler", "b")
    assert not hold(district.store, "scheduler", "b", now)
    release(district.store, "scheduler", "a")
    assert hold(district.store, "scheduler", "b", now)


def test_leases_of_other_names_do_not_meet(district: District) -> None:
    """Two pieces of work have a lease each."""
    now = district.clock()
    assert hold(district.store, "scheduler", "a", now)
    assert hold(district.store, "other", "b", now)
