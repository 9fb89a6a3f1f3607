import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, InputError
from pipeline.storage import STORES, StoreOptions, is_remote, open_store, split_url
from pipeline.storage.base import Store


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("s3://bucket/a/b.mp4", ("s3://bucket", "a/b.mp4")),
        ("s3://bucket/shot.%04d.png", ("s3://bucket", "shot.%04d.png")),
        ("s3://bucket/what?#.mp4", ("s3://bucket", "what?#.mp4")),
        ("/abs/dir/f.mp4", ("/abs/dir", "f.mp4")),
        ("file:///abs/f.mp4", ("/abs", "f.mp4")),
        ("/f.mp4", ("/", "f.mp4")),
    ],
)
def test_a_files_address_splits_into_root_and_key(url: str, expected: tuple[str, str]) -> None:
    assert split_url(url) == expected


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///key", "s3://bucket", "s3://bucket/", "s3://bucket/dir/", "/dir/", "", "/"]
)
def test_an_address_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        split_url(url)


def test_an_unknown_scheme_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean s3://"):
        open_store("s3a://bucket/prefix")
    with pytest.raises(InputError, match=r"file://…, s3://…"):
        open_store("webdav://host/")


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "s3://bu cket/x", "s3://bucket/../x"])
def test_an_s3_root_needs_a_bucket_and_a_plain_prefix(url: str) -> None:
    with pytest.raises(InputError):
        open_store(url)


@pytest.mark.parametrize("read", [open_store, split_url, is_remote])
@pytest.mark.parametrize(
    "url", ["s3://me:hunter2@bucket/x", "s3://hunter2@b/x", "s3://a:hunter2", "S3://a:hunter2@b/\0"]
)
def test_credentials_in_an_address_are_refused_and_not_repeated(read: Callable[[str], object], url: str) -> None:
    with pytest.raises(InputError, match="put credentials into the environment") as refusal:
        read(url)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["https://me:hunter2@host/x", "http://host/x?signature=hunter2", "s3a://me:hunter2@b/x"]
)
def test_credentials_under_an_unknown_scheme_are_not_repeated(url: str) -> None:
    with pytest.raises(InputError, match="no store has the scheme") as refusal:
        open_store(url)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("url", ["~0", "~nobody-of-that-name/store"])
def test_a_home_of_nobody_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="no user here has that name; write the whole path"):
        open_store(url)


def test_only_other_machines_are_remote() -> None:
    assert is_remote("s3://bucket/key")
    assert not is_remote("/films/a.mov")
    assert not is_remote("file:///films/a.mov")
    assert not is_remote("films/a.mov")


def test_a_root_is_known_by_its_absolute_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_store("out/bunny/").url == str(tmp_path.resolve() / "out" / "bunny")
    assert open_store("s3://bucket/out/bunny/").url == "s3://bucket/out/bunny"
    assert open_store("s3://bucket/").url == "s3://bucket"


@pytest.mark.parametrize("scheme", STORES)
def test_every_row_of_the_registry_is_a_store(scheme: str) -> None:
    url = "/tmp" if scheme == "file" else f"{scheme}://bucket"
    assert isinstance(open_store(url), Store)


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint_url": "localhost:8333"},
        {"endpoint_url": "ftp://host"},
        {"endpoint_url": "http://"},
        {"part_bytes": 1},
        {"threads": 0},
        {"attempts": 0},
        {"read_timeout_s": -1},
    ],
)
def test_options_that_cannot_work_are_refused(wrong: dict) -> None:
    with pytest.raises(ConfigError):
        StoreOptions(**wrong)


def test_a_password_in_the_endpoint_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError) as refusal:
        StoreOptions(endpoint_url="https://user:hunter2@host")
    assert "hunter2" not in str(refusal.value)


def test_importing_storage_and_opening_a_folder_load_neither_boto3_nor_torch() -> None:
    script = (
        "import sys, pipeline.storage as s; s.open_store('/tmp'); "
        "print([m for m in ('boto3', 'botocore', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
