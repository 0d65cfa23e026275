import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuectl.core.keys import ALIASES, BY_NAME, IGNORED, KEYS, canonical, canonical_text
from queuectl.core.settings import Settings
from queuectl.errors import BadValue


def test_the_keys_and_their_defaults_are_those_of_the_contract() -> None:
    assert {key.name: key.default for key in KEYS} == {
        "max-retries": "3",
        "backoff-base": "2",
        "backoff-max": "1h",
        "backoff-jitter": "0",
        "timeout": "none",
        "kill-grace": "10s",
        "lease": "30s",
        "max-interruptions": "5",
        "log-limit": "10MiB",
        "output-total": "2GiB",
        "keep-completed": "7d",
        "shell": "/bin/sh",
    }


def test_every_default_is_canonical_and_the_same_in_settings() -> None:
    for key in KEYS:
        assert canonical_text(key.name, key.default) == key.default
        assert key.read(key.default) == getattr(Settings(), key.field)
    assert {key.field for key in KEYS} == set(Settings._fields)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("max_retries", "max-retries"),
        ("MAX-RETRIES", "max-retries"),
        ("default_max_retries", "max-retries"),
        ("base", "backoff-base"),
        ("base-backoff", "backoff-base"),
        ("job_timeout", "timeout"),
        ("default-timeout", "timeout"),
        ("lease_seconds", "lease"),
        ("stale-threshold", "lease"),
        ("lock-timeout-seconds", "lease"),
        ("poll_interval", "poll-interval"),
    ],
)
def test_a_key_has_other_names(written: str, name: str) -> None:
    assert canonical(written) == name


def test_no_alias_hides_a_key() -> None:
    assert not ALIASES.keys() & (BY_NAME.keys() | set(IGNORED))


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(BadValue, match="unknown key 'max-retry'") as caught:
        canonical("max-retry")
    assert caught.value.hint == "did you mean max-retries?"
    with pytest.raises(BadValue) as caught:
        canonical("\x1b[31m")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("key", "text", "stored"),
    [
        ("max-retries", " 5 ", "5"),
        ("max-retries", "0", "0"),
        ("backoff-base", "2.0", "2"),
        ("backoff-base", "1.5", "1.5"),
        ("backoff-max", "90", "90s"),
        ("backoff-max", "120s", "2m"),
        ("backoff-jitter", "0.25", "0.25"),
        ("timeout", "NONE", "none"),
        ("timeout", "0.5", "500ms"),
        ("lease", "3s", "3s"),
        ("log-limit", "4096", "4KiB"),
        ("output-total", "0", "0"),
        ("keep-completed", "none", "none"),
        ("shell", "/bin/bash", "/bin/bash"),
        ("poll-interval", "0.5", "500ms"),
    ],
)
def test_a_value_is_stored_in_one_way(key: str, text: str, stored: str) -> None:
    assert canonical_text(key, text) == stored
    assert canonical_text(key, stored) == stored


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("max-retries", "-1"),
        ("max-retries", "1000001"),
        ("max-retries", "many"),
        ("backoff-base", "0.5"),
        ("backoff-base", "nan"),
        ("backoff-base", "1001"),
        ("backoff-max", "none"),
        ("backoff-jitter", "1.5"),
        ("timeout", "0"),
        ("kill-grace", "2d"),
        ("lease", "2s"),
        ("max-interruptions", "x"),
        ("log-limit", "1KiB"),
        ("output-total", "-1"),
        ("keep-completed", "never"),
        ("shell", "sh"),
        ("shell", "/bin/\0sh"),
        ("shell", "/bin/\udcff"),
        ("heartbeat-interval", "often"),
    ],
)
def test_a_bad_value_is_refused_with_a_hint(key: str, text: str) -> None:
    with pytest.raises(BadValue) as caught:
        canonical_text(key, text)
    assert caught.value.hint
    assert caught.value.message.isprintable()


def test_settings_are_read_from_stored_texts() -> None:
    settings = Settings.of({"max-retries": "7", "timeout": "5m", "keep-completed": "none", "log-limit": "1MiB"})
    assert settings == Settings(max_retries=7, timeout_s=300.0, keep_completed_s=None, log_limit_bytes=2**20)


@given(st.dictionaries(st.one_of(st.sampled_from(sorted(BY_NAME)), st.text()), st.text()))
def test_stored_texts_that_cannot_be_read_are_no_error(stored: dict[str, str]) -> None:
    settings = Settings.of(stored)
    assert settings.lease_s >= 3
    assert settings.max_retries >= 0


def test_the_retry_policy_is_made_of_the_backoff_keys() -> None:
    policy = Settings.of({"backoff-base": "3", "backoff-max": "10s", "backoff-jitter": "0.5"}).retry_policy
    assert (policy.base, policy.cap_s, policy.jitter) == (3, 10, 0.5)


def test_every_key_says_what_it_means_and_when_a_change_applies() -> None:
    for key in KEYS:
        assert key.meaning
        assert key.range
        assert key.applies
