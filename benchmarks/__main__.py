"""`make bench`: one line per measure, `bench NAME: ratio R against PEER (figures)`. Leaves nothing behind.

Names as arguments choose measures: `python -m benchmarks top_postings growth`.
"""

import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Found a county in a folder of its own, measure, and throw it away."""
    folder = tempfile.mkdtemp(prefix="linggong-bench-")
    os.environ.update(
        LINGGONG_MODE="demo", LINGGONG_DATA=folder, LINGGONG_WAKE_WORKER="0", LINGGONG_PRETEND_IN_PROCESS="1",
        DJANGO_SETTINGS_MODULE="linggong.settings", DATABASE_URL=f"sqlite:///{Path(folder) / 'linggong.sqlite3'}",
    )  # fmt: skip
    try:
        import django

        django.setup()
        logging.disable(logging.WARNING)
        from benchmarks import assigning, kernels, living, measures, rushing, serving, sharing

        every = (*measures.ALL, *serving.ALL, *kernels.ALL, *living.ALL, *assigning.ALL, *sharing.ALL, *rushing.ALL)
        named = {measure.__name__: measure for measure in every}
        for name in sys.argv[1:] or named:
            print(named[name](), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
