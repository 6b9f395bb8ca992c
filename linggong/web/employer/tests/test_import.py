"""E15: many postings from one sheet; a wrong row comes back with its reason and stops nothing."""

import io
from datetime import datetime, time, timedelta

import openpyxl
import pytest

from linggong import make
from linggong.core.clock import today
from linggong.postings.models import Posting

pytestmark = pytest.mark.django_db

HEAD = ["工种", "几个人", "哪天", "到哪天", "几点", "到几点", "工钱", "怎么算", "地点", "管饭", "说明"]


def sheet(*rows, head=HEAD):
    book = openpyxl.Workbook()
    for row in (head, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    out.name, _where = "work.xlsx", out.seek(0)
    return out


def day(n=1):
    return today() + timedelta(days=n)


def good(**changes):
    said = dict(
        zip(
            HEAD,
            ["帮厨", 2, day().isoformat(), "", "8:00", "17:00", 180, "天", "江滨路8号", "管一顿", "洗菜切菜"],
            strict=True,
        )
    )
    return list((said | changes).values())


def test_right_rows_go_out_and_wrong_ones_come_back_with_a_reason(desk, boss):
    rows = [
        good(), good(工种="搬运工", 工钱="12", 怎么算="吨", 到哪天=day(3).isoformat()), good(工种="炼丹"),
        good(几个人="很多"), good(哪天="2026-13-45"), good(工钱="面议"), good(哪天=day(-3).isoformat()), good(说明="=1+1"),
    ]  # fmt: skip
    page = desk.post("/e/import/read/", {"sheet": sheet(*rows), "key": "a"}, follow=True)
    assert Posting.objects.count() == 0 and "2 行没问题，6 行要改" in page.text
    assert all(words in page.text for words in ("工种没找到", "整数", "公式", "已经过了"))

    for _turn in range(2):
        page = desk.post("/e/import/publish/", {"key": "b"}, follow=True)

    assert Posting.objects.filter(employer=boss, source="IMPORT").count() == 2
    assert Posting.objects.get(pay_unit="TONNE").shifts.count() == 3
    assert "6 行没发" in page.text and "发布没问题的" not in page.text
    assert "炼丹" in desk.get("/e/import/errors.csv").content.decode("utf-8-sig")


def test_cells_that_excel_made_dates_and_times_are_read(desk, boss):
    row = good(哪天=datetime.combine(day(), time(0)), 几点=time(19, 30), 到几点=time(2, 0), 地点="")

    desk.post("/e/import/read/", {"sheet": sheet(row), "key": "a"})
    desk.post("/e/import/publish/", {"key": "b"})

    posting = Posting.objects.get(employer=boss)
    assert posting.shift_minutes == 390 and posting.address == boss.address


def test_a_number_in_the_words_does_not_go_out(desk, boss):
    desk.post("/e/import/read/", {"sheet": sheet(good(说明="洗菜，电话13800138000")), "key": "a"})
    desk.post("/e/import/publish/", {"key": "b"})

    assert Posting.objects.get(employer=boss).content == "洗菜"


@pytest.mark.parametrize("broken", [b"", b"not a sheet", b"PK\x03\x04"])
def test_a_file_that_is_no_sheet_is_refused_in_words(desk, broken):
    file = io.BytesIO(broken)
    file.name = "x.xlsx"

    page = desk.post("/e/import/read/", {"sheet": file, "key": "a"})

    assert page.status_code == 422


def test_missing_columns_and_too_many_rows_are_said(desk):
    few = desk.post("/e/import/read/", {"sheet": sheet(["帮厨"], head=["工种"]), "key": "a"})
    many = desk.post("/e/import/read/", {"sheet": sheet(*[good() for _n in range(101)]), "key": "b"})

    assert few.status_code == many.status_code == 422
    assert "少了这几列" in few.text and "最多 100 行" in many.text


def test_another_employer_does_not_see_the_rows_and_without_rows_there_are_no_errors(desk, stranger):
    desk.post("/e/import/read/", {"sheet": sheet(good(工种="炼丹")), "key": "a"})

    assert "炼丹" not in stranger.get("/e/import/").text
    assert stranger.get("/e/import/errors.csv").status_code == 404
    assert stranger.post("/e/import/publish/", {"key": "c"}).url == "/e/import/"


def test_what_a_newly_registered_employer_may_not_is_said_in_the_row(browser_of, morning):
    new = make.employer(state="prelim_checked")
    client = browser_of(new)
    client.post("/e/import/read/", {"sheet": sheet(good(几个人=9)), "key": "a"})

    page = client.post("/e/import/publish/", {"key": "b"}, follow=True)

    assert "最多招 5 个人" in page.text and not Posting.objects.exists()


def test_a_file_that_is_no_sheet_names_the_columns_of_work_not_of_people(desk):
    broken = io.BytesIO(b"not a sheet")
    broken.name = "work.xlsx"

    page = desk.post("/e/import/read/", {"sheet": broken, "key": "a"})

    assert page.status_code == 422 and "这个文件读不了" in page.text
    assert "几个人、哪天" in page.text and "身份证号" not in page.text
