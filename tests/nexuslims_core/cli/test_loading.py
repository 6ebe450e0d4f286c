import subprocess
import sys

COMMAND = """
import gc
from nexuslims_core.cli.loading import loading

with loading():
    import json.tool
    rested = not gc.isenabled()
print(rested, gc.isenabled(), gc.get_freeze_count() > 1000)
"""


def test_what_was_loaded_is_left_out_by_the_garbage_collector_and_the_rest_is_not() -> None:
    done = subprocess.run([sys.executable, "-c", COMMAND], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True", "True", "True"]
