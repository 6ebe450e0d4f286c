import subprocess
import sys
from pathlib import Path

import pytest

from nexuslims_core.errors import StorageError
from nexuslims_core.logger.locks import alone

HOLDER = """
import sys, time
from pathlib import Path
from nexuslims_core.logger.locks import alone
with alone(Path(sys.argv[1]), 0) as had:
    print(had, flush=True)
    time.sleep(60)
"""


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder:
        said = holder.stdout.readline()

        with alone(path, 0.1) as meanwhile:
            pass
        holder.kill()

    with alone(path, 0) as afterwards:
        assert (said, meanwhile, afterwards) == ("True\n", False, True)


def test_a_lock_without_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot lock"), alone(tmp_path / "nowhere" / "lock", 0):
        pass
