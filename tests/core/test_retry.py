import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuectl.core.retry import RetryPolicy


def test_base_two_waits_two_four_eight_seconds() -> None:
    policy = RetryPolicy(2, 3600, 0)
    assert [policy.delay_s(attempts, 0.5) for attempts in (1, 2, 3)] == [2, 4, 8]


def test_a_base_of_one_and_a_half_is_a_base_too() -> None:
    assert RetryPolicy(1.5, 3600, 0).delay_s(2, 0) == 2.25


def test_the_cap_is_never_exceeded() -> None:
    assert RetryPolicy(2, 60, 0).delay_s(6, 0) == 60


def test_jitter_draws_from_the_upper_part_of_the_delay() -> None:
    policy = RetryPolicy(2, 3600, 0.25)
    assert policy.delay_s(3, 0) == 8
    assert policy.delay_s(3, 0.5) == 7
    assert policy.delay_s(3, 1 - 1e-12) == pytest.approx(6)


@given(
    st.floats(1, 1000),
    st.floats(0, 3e9),
    st.floats(0, 1),
    st.integers(1, 10**9),
    st.floats(0, 1, exclude_max=True),
)
def test_no_number_of_attempts_leaves_the_range(
    base: float, cap_s: float, jitter: float, attempts: int, chance: float
) -> None:
    whole = RetryPolicy(base, cap_s, 0).delay_s(attempts, chance)
    drawn = RetryPolicy(base, cap_s, jitter).delay_s(attempts, chance)
    assert 0 <= whole <= cap_s
    assert (1 - jitter) * whole * (1 - 1e-9) <= drawn <= whole
