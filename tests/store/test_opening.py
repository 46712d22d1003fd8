import pytest
from tracemill.settings.errors import UsageError
from tracemill.store.opening import open_files


@pytest.mark.parametrize("secret", ["AKIAX:abc/def+g@", "user:pass@", "token@"])
@pytest.mark.parametrize("scheme", ["s3", "gs", "https"])
def test_a_key_in_an_address_is_refused_and_not_repeated(scheme, secret):
    with pytest.raises(UsageError, match="environment") as caught:
        open_files(f"{scheme}://{secret}bucket/prefix")
    assert "abc" not in str(caught.value) and "pass" not in str(caught.value) and "token" not in str(caught.value)
