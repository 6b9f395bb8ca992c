"""The kernels stand alone: the page shows it in ten lines, and nobody pays for numba who does not use it."""

import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]


def test_the_ten_lines_of_the_page_give_what_the_page_says():
    page = (TOP / "docs/matching.md").read_text(encoding="utf-8")
    names: dict = {}

    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL).group(1), names)

    assert sorted(names["found"].keys.tolist()) == [7, 8]
    assert names["round_"].places.tolist() == [1, 0]
    assert names["round_"].value == 930 <= names["round_"].bound < 931


def asked_alone(code):
    """What a fresh Python without Django settings prints."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_package_loads_neither_numba_nor_django():
    code = "import sys, linggong.matching.engine; print([m for m in ('numba', 'numpy', 'django') if m in sys.modules])"

    assert asked_alone(code) == "[]"


def test_the_kernels_load_no_django():
    code = "import sys, linggong.matching.engine.rounds; print('django' in sys.modules, 'numba' in sys.modules)"

    assert asked_alone(code) == "False True"
