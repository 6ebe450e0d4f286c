import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from nexuslims_core.activities.clustering import Method, cluster
from nexuslims_core.activities.figure import draw
from tests.nexuslims_core.activities.more_kinds import YEAR

TWO_BURSTS = [0.0, 3.0, 7.0, 3_600.0, 3_604.0, 3_606.0]

pytestmark = pytest.mark.slow  # matplotlib takes a second to load


@pytest.mark.parametrize("method", ["robust", "published"])
@pytest.mark.parametrize(
    "times",
    [
        [],
        [5.0],
        [5.0, 5.0],
        [0.0, 60.0],
        TWO_BURSTS,
        [-40 * YEAR, *TWO_BURSTS],
        [600.0 * i + 3.0 * j for i in range(80) for j in range(5)],
    ],
    ids=["no file", "one", "equal", "two", "two bursts", "a wrong clock", "many"],
)
def test_every_session_has_its_figure(times: list[float], method: Method) -> None:
    with Image.open(io.BytesIO(draw(times, cluster(times, method=method)))) as picture:
        assert (picture.format, picture.size) == ("PNG", (1210, 880))


def test_boundaries_are_drawn_in_their_colour() -> None:
    def orange(times: list[float]) -> int:
        with Image.open(io.BytesIO(draw(times, cluster(times)))) as picture:
            pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3).astype(int)
        return int((np.abs(pixels - (0xCC, 0x66, 0x33)).sum(axis=1) < 60).sum())

    assert orange(TWO_BURSTS) > orange([20.0 * i for i in range(12)]) + 500


def test_the_same_session_gives_the_same_bytes() -> None:
    found = cluster(TWO_BURSTS)

    assert draw(TWO_BURSTS, found) == draw(TWO_BURSTS, found)


def test_matplotlib_is_loaded_for_the_figure_alone() -> None:
    program = (
        "import sys; import nexuslims_core.activities.figure, nexuslims_core.cli.clustering; "
        "sys.exit('matplotlib' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
