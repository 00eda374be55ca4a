"""Fixtures of several rooms."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Several processes share the cores: each of them, and what it starts, computes on one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# No test is timed: the machine may be busy.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("calm"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "calm"))

NOBODY = 65534


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder in which nothing may be made, with a `file` in it that may not be read."""
    if os.name != "posix":
        pytest.skip("modes of POSIX files")
    # Not below tmp_path, which only its owner may enter.
    folder = Path(tempfile.mkdtemp()).resolve()
    (folder / "file").write_text("secret")
    (folder / "file").chmod(0)
    folder.chmod(0o555)
    superuser = os.geteuid() == 0
    if superuser:  # who may do everything
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if superuser:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)
