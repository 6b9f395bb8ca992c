"""Bad days: a wrong environment and a full disk are said in one Chinese sentence, and nothing is half saved."""

import errno
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client

from linggong import make
from linggong.core import starting
from linggong.core.storage import Trouble, trouble_of, why
from linggong.engagements import queries as deals
from linggong.postings.models import Posting

TOP = Path(__file__).resolve().parents[1]
NOBODY = 65534


def up(folder: Path, *, port: str = "0", nobody: bool = False, mode: str = "demo") -> subprocess.CompletedProcess:
    """`manage.py up` in an environment where it cannot start; the whole of what it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LINGGONG_", "DATABASE_URL"))}
    env = {**kept, "LINGGONG_MODE": mode, "LINGGONG_MAKE_KEYS": "1", "LINGGONG_DATA": str(folder), "PORT": port}
    command = [sys.executable, "manage.py", "up"]
    if nobody and os.geteuid() == 0:
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
    return subprocess.run(command, cwd=TOP, env=env, capture_output=True, text=True, timeout=120)


def one_sentence(ran: subprocess.CompletedProcess) -> str:
    """What was said, when it was one line of Chinese and no stack of calls."""
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    lines = ran.stderr.strip().splitlines()
    assert len(lines) == 1, ran.stderr
    assert re.search(r"[\u4e00-\u9fff]{4}", lines[0])
    return lines[0]


@pytest.fixture
def free() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that another user can at least reach; pytest's own are its user's alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


# ---- before anything starts ------------------------------------------------------------------------------------


def test_a_taken_port_is_named_and_another_is_offered(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = one_sentence(up(tmp_path, port=str(port)))
    assert said == f"端口 {port} 用不了（别的程序正占着）。换一个：PORT={port + 1} make run"
    assert not (tmp_path / "linggong.sqlite3").exists()


@pytest.mark.parametrize("port", ["abc", "70000", "-1", "0", "8000.5", "8" * 4000])
def test_a_port_that_is_none_is_said(tmp_path, port):
    said = one_sentence(up(tmp_path, port=port))
    assert said.startswith("PORT 要是 1 到 65535 的一个数字，现在是“")
    assert said.endswith("例：PORT=8001 make run")
    assert len(said) < 120


def test_a_port_only_root_may_use_is_said(open_to_all):
    folder = open_to_all / "data"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    ran = up(folder, port="80", nobody=True)
    if ran.returncode and "管理员" not in ran.stderr and int(_unprivileged_from()) <= 80:
        pytest.skip("this machine lets everybody use port 80")
    assert one_sentence(ran) == "端口 80 用不了（1024 以下的要管理员权限）。换一个：PORT=8000 make run"


def _unprivileged_from() -> str:
    return Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()


def test_a_folder_one_may_not_write_is_said(open_to_all, free):
    folder = open_to_all / "shut"
    folder.mkdir(mode=0o555)
    said = one_sentence(up(folder, port=free, nobody=True))
    assert said in (
        f"{folder} 写不进去（没有权限）。换个地方：LINGGONG_DATA=… make run",
        f"{folder}/keys/secret_key 用不了（没有权限）。换个地方：LINGGONG_DATA=… make run",
    )


def test_a_folder_that_cannot_be_made_is_said(open_to_all, free):
    in_the_way = open_to_all / "file"
    in_the_way.write_text("")
    said = one_sentence(up(in_the_way / "data", port=free))
    assert said.startswith(f"{in_the_way}/data 写不进去（路上有一个是文件")


def test_keys_of_another_user_are_said(open_to_all, free):
    if os.geteuid() != 0:
        pytest.skip("only root can make files of another user")
    folder = open_to_all / "data"
    (folder / "keys").mkdir(parents=True)
    (folder / "keys").chmod(0o700)
    os.chown(folder, NOBODY, NOBODY)
    said = one_sentence(up(folder, port=free, nobody=True))
    assert "没有权限" in said and "LINGGONG_DATA" in said


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of a few megabytes; skipped where nobody lets us mount one."""
    folder.mkdir()
    if (
        not shutil.which("mount")
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True
        ).returncode
    ):
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_full_is_said_at_once(tmp_path, free):
    with small_disk(tmp_path / "disk", "2m") as disk:
        (disk / "ballast").write_bytes(bytes(1900 * 1024))
        said = one_sentence(up(disk, port=free))
    assert said == f"盘满了，{disk} 存不下。腾出地方，或者换个地方：LINGGONG_DATA=… make run"


def test_a_disk_that_fills_while_tables_are_made_is_said(tmp_path, free):
    with small_disk(tmp_path / "disk", "1500k") as disk:
        said = one_sentence(up(disk, port=free))
    assert said == f"盘满了，{disk} 存不下。腾出地方，或者换个地方：LINGGONG_DATA=… make run"


def test_room_is_looked_for_and_nothing_is_left_lying(tmp_path):
    starting.room_in(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(starting.CannotStart, match="写不进去"):
        starting.room_in(tmp_path / "not there")


def set_up(project: Path, path: str) -> subprocess.CompletedProcess:
    """`scripts/setup.sh run` of a copy, as somebody who is not root and has no home."""
    shutil.copytree(TOP / "scripts", project / "scripts", dirs_exist_ok=True)
    command = [shutil.which("bash"), str(project / "scripts" / "setup.sh"), "run"]
    if os.geteuid() == 0:
        command = [shutil.which("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
    env = {"PATH": path, "HOME": "/nonexistent"}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)


def test_a_project_one_may_not_write_is_said_before_anything_is_fetched(open_to_all):
    project = open_to_all / "project"
    project.mkdir()
    shutil.copytree(TOP / "scripts", project / "scripts")
    project.chmod(0o555)
    said = one_sentence(set_up(project, os.environ["PATH"]))
    assert said == f"{project} 写不进去（没有权限）。把项目拷到自己的文件夹里，再来：make run"


def test_a_missing_debian_package_is_named_to_who_is_not_root(open_to_all):
    project, tools = open_to_all / "project", open_to_all / "tools"
    tools.mkdir()
    for tool in ("bash", "dirname", "id", "mkdir", "cat", "env"):
        (tools / tool).symlink_to(shutil.which(tool))
    project.mkdir()
    project.chmod(0o777)
    said = one_sentence(set_up(project, str(tools)))
    assert said == "缺 Debian 的包，请管理员装一次：apt-get install npm，装好再来：make run"


# ---- which day it is -------------------------------------------------------------------------------------------


def sqlite_error(code: int) -> OperationalError:
    cause = sqlite3.OperationalError("as it happens")
    cause.sqlite_errorcode = code
    error = OperationalError("as it happens")
    error.__cause__ = cause
    return error


def test_the_kind_of_trouble_is_known_by_its_number_and_a_fault_of_ours_is_none():
    assert trouble_of(sqlite_error(13)) is Trouble.FULL
    assert trouble_of(sqlite_error(5)) is Trouble.BUSY
    assert trouble_of(sqlite_error(517)) is Trouble.BUSY, "an extended code of busy"
    assert trouble_of(sqlite_error(4874)) is Trouble.SHUT, "no room for the shared memory of the log"
    assert trouble_of(sqlite_error(8)) is Trouble.SHUT
    assert trouble_of(sqlite_error(1)) is None, "no such table is our fault"
    assert trouble_of(OSError(errno.ENOSPC, "x")) is Trouble.FULL
    assert trouble_of(OSError(errno.ENOENT, "x")) is None
    assert trouble_of(ValueError("x")) is None
    assert why(OSError(errno.ENOSPC, "No space left on device")) == "盘满了"


@pytest.mark.parametrize(
    ("state", "trouble"),
    [("53100", Trouble.FULL), ("55P03", Trouble.BUSY), ("57P01", Trouble.BUSY), (None, Trouble.BUSY), ("42P01", None)],
)
def test_postgresql_says_it_by_its_state(state, trouble):
    cause = Exception("as it happens")
    cause.sqlstate = state
    error = OperationalError("as it happens")
    error.__cause__ = cause
    assert trouble_of(error) is trouble


# ---- while the site runs ---------------------------------------------------------------------------------------


@contextmanager
def no_room_left() -> Iterator[None]:
    """The database may not grow any more, and what was free in it is used up."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 20}")
        cursor.execute("CREATE TABLE ballast (x)")
        for size in (100_000, 3_000, 300):
            with pytest.raises(OperationalError):
                while True:
                    cursor.execute("INSERT INTO ballast VALUES (zeroblob(%s))", [size])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
            cursor.execute("DROP TABLE ballast")


@pytest.fixture
def shop(db):
    """A browser of an employer who wants to post."""
    boss = make.employer()
    client = Client(raise_request_exception=False)
    client.force_login(deals.owner_of(boss))
    return client


SHORT = "明天早上8点到下午5点要2个电商打包员，180一天，管饭。"
SENTENCE = SHORT + "东西要轻放，" * 200
needs_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's disk cannot be filled from here")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)
    return found[1] if found else ""


@needs_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_a_page_in_words_with_the_form_in_it(shop, monday_morning):
    typed = {"text": SENTENCE, "key": "k" * 32}
    before = Posting.objects.count()
    with no_room_left():
        said = shop.post("/e/post/read/", typed)
        seen = shop.get("/e/")
    page = said.content.decode()

    assert said.status_code == 507
    assert said["Cache-Control"] == "no-store" and said["Retry-After"]
    assert "盘满了，没有存上" in page and "你填的还在，过一会儿再试" in page
    assert SENTENCE in page, "what was typed stands in the page"
    assert 'action="/e/post/read/"' in page and hidden(page, "key") == "k" * 32
    assert seen.status_code == 200, "reading goes on"
    assert Posting.objects.count() == before

    again = shop.post("/e/post/read/", typed)  # 再交一次, when there is room again
    assert again.status_code == 302
    assert Posting.objects.count() == before + 1
    assert shop.post("/e/post/read/", typed).url == again.url
    assert Posting.objects.count() == before + 1


@needs_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_fragment_gets_the_words_alone(shop, monday_morning):
    with no_room_left():
        said = shop.post("/e/post/read/", {"text": SENTENCE, "key": "k" * 32}, headers={"HX-Request": "true"})
    assert (said.status_code, said["Content-Type"]) == (507, "text/plain; charset=utf-8")
    assert said.content.decode().startswith("盘满了，没有存上。")


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "status", "words"), [(5, 503, "这会儿太忙，没有存上"), (8, 503, "系统存不进东西")])
def test_a_busy_or_shut_database_is_said_too(shop, monday_morning, number, status, words):
    def refuse(execute, sql, params, many, context):
        if re.match(r"\s*INSERT", sql):
            raise sqlite_error(number)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        said = shop.post("/e/post/read/", {"text": SHORT + "<b>", "key": "k" * 32})

    assert said.status_code == status
    page = said.content.decode()
    assert words in page and f"{SHORT}&lt;b&gt;" in page and "<b>" not in page
    assert not Posting.objects.exists()


@pytest.mark.django_db
def test_a_session_that_cannot_be_kept_is_said(client, monday_morning):
    """The session is written after the view is done, where no view can catch it."""
    client = Client(raise_request_exception=False)

    def refuse(execute, sql, params, many, context):
        if "django_session" in sql and re.match(r"\s*(INSERT|UPDATE)", sql):
            raise sqlite_error(13)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        said = client.post("/place/choose/", {"code": make.county().code})

    assert said.status_code == 507
    assert "盘满了" in said.content.decode()


@pytest.mark.django_db
def test_a_photo_that_finds_no_room_leaves_nothing_behind(monday_morning, settings, tmp_path):
    from linggong.core import uploads
    from tests.test_doors import _photo

    settings.MEDIA_ROOT = "/dev/full/papers"
    with pytest.raises(uploads.NoRoomForPhoto) as refused:
        uploads.keep_image(_photo(), "papers")
    assert refused.value.status == 507
    assert "过一会儿再试" in str(refused.value)


@pytest.mark.django_db
def test_a_fault_of_ours_stays_a_500_with_a_number(shop, monkeypatch):
    monkeypatch.setattr("linggong.web.employer.home.render", lambda *a, **k: 1 / 0)
    said = shop.get("/e/")
    assert said.status_code == 500
    assert re.search(r"<b class=\"num\">[0-9a-f]{8}</b>", said.content.decode())
