"""What a location means, and what is asked of files and folders before anything is done to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from queuectl.errors import BadValue, StoreUnusable
from queuectl.store import checks, open_store, place_of
from tests.store.conftest import made, traces


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "queue.db"


def test_links_are_resolved_so_that_all_names_mean_one_store(path, tmp_path):
    link = tmp_path / "link.db"
    link.symlink_to(path)
    made(link)
    assert path.is_file()
    assert not path.is_symlink()
    assert place_of(str(link)) == place_of(str(path)) == place_of(f"sqlite:///{path}")


def test_what_is_no_regular_file_is_refused(path):
    path.mkdir()
    with pytest.raises(StoreUnusable, match="not a regular file"):
        open_store(str(path), create=True)


def planted_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir()
    folder.symlink_to(folder.parent / "elsewhere")


def open_folder(folder: Path) -> None:
    folder.mkdir(0o777)
    folder.chmod(0o777)


@pytest.mark.parametrize("plant", [planted_link, open_folder, Path.touch])
def test_a_folder_beside_the_store_that_others_could_have_planted_is_refused(path, plant):
    plant(path.with_name("queue.db.d"))
    before = traces(path.parent)
    with pytest.raises(StoreUnusable):
        open_store(str(path), create=True)
    assert traces(path.parent) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_store_of_another_owner_is_refused_also_to_root(path):
    made(path)
    os.chown(path, 12_345, 12_345)
    with pytest.raises(StoreUnusable, match="another user"):
        open_store(str(path), create=False)


@pytest.mark.parametrize(
    "location",
    ["", "postgresql://x/y", "mysql://x", ":memory:", "file:x?mode=memory", "a\0b", "sqlite:///", "http://x"],
)
def test_a_location_that_means_no_file_is_refused(location):
    with pytest.raises(BadValue):
        place_of(location)


@pytest.mark.parametrize("name", ["a%20b?c#d.db", "ü ☃.db", "it's.db", "-rf.db"])
def test_odd_names_are_names_like_any_other(tmp_path, name):
    made(tmp_path / name)
    made(tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == sorted([name, name + ".d"])


def test_a_store_in_the_midst_of_a_checkpoint_is_no_damaged_one(path):
    made(path)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StoreUnusable, match="its end is missing"):
        checks.check_content(str(path))
    Path(f"{path}-wal").touch()
    checks.check_content(str(path))


def test_no_new_store_is_made_beside_the_wal_of_one_that_is_gone(path):
    wal = Path(f"{path}-wal")
    wal.write_bytes(b"pages of another one")
    with pytest.raises(StoreUnusable, match="is gone, but its -wal is still there"):
        open_store(str(path), create=True)
    assert not path.exists()
    wal.unlink()
    open_store(str(path), create=True).close()


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.7.0"])
def test_a_sqlite_that_can_damage_the_store_is_refused(version):
    with pytest.raises(StoreUnusable, match="can damage"):
        checks.check_library(version)
    checks.check_library("3.51.3")
    checks.check_library("3.54.0.1")


def test_the_file_system_of_a_device_is_read_from_the_mounts(tmp_path):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "21 1 0:20 / /home rw shared:1 - nfs4 server:/home rw\n22 1 0:21 / /my\\040disk rw - tmpfs tmpfs rw\nbroken\n"
    )
    assert checks._file_system("0:20", str(mounts)) == "nfs4"
    assert checks._file_system("0:21", str(mounts)) == "tmpfs"
    assert checks._file_system("0:99", str(mounts)) is None
