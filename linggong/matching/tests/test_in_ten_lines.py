"""What docs/matching.md shows runs as it stands there, and says what it says there."""

import re
from pathlib import Path

from linggong.matching import score

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "matching.md").read_text(encoding="utf-8")


def test_the_lines_of_the_docs_run_on_plain_arrays(capsys):
    [lines] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)

    exec(compile(lines, "docs/matching.md", "exec"), {})

    found, assigned = capsys.readouterr().out.splitlines()
    assert found == "[8 7] [666 575] [3336    0]"
    assert assigned.startswith("[1 0] 930")


def test_the_table_of_the_docs_is_the_shipped_one():
    written = {name: int(most) for name, most in re.findall(r"^\| `(\w+)` \| \w+ \| (\d+) \|", TEXT, re.MULTILINE)}

    assert written == {part.name: part.most for part in score.default_weights().components}
