"""Times of files as they may come: bursts, ties, pauses of all lengths, at any epoch, in any order."""

import numpy as np
from hypothesis import strategies as st


@st.composite
def sessions(draw: st.DrawFn) -> list[float]:
    start = draw(st.sampled_from([0.0, 1_573_657_200.0, -1e9, 4e18]))
    pauses = st.one_of(st.sampled_from([0.0, 2e-7, 0.01, 2.0, 60.0, 3_600.0, 1e6]), st.floats(0.0, 1e5))
    times = start + np.cumsum(draw(st.lists(pauses, max_size=25)))
    return draw(st.permutations([float(time) for time in times]))
