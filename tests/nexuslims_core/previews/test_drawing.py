import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as some
from numpy.typing import NDArray

from nexuslims_core.datasets.arrays import ArrayData, FileData
from nexuslims_core.datasets.models import DatasetType, Metadata
from nexuslims_core.datasets.signals import Axis, Signal, SignalKind
from nexuslims_core.previews.drawing import draw
from nexuslims_core.previews.placeholder import draw_placeholder

SignalOf = Callable[..., Signal]
Pixels = Callable[[bytes], NDArray[np.uint8]]

WITH_NUMBERS = [kind for kind in SignalKind if kind not in {SignalKind.TEXT, SignalKind.NONE}]
TECHNIQUES = ["Imaging", "TEM_EELS", "SEM_EDS_Spectrum_Imaging"]
BIGGEST = np.finfo(np.float64).max
ODD = {
    "constant": np.full((9, 9), 7),
    "zeros": np.zeros((2000, 1500), np.uint16),
    "nothing but NaN": np.full((4, 5, 6), np.nan),
    "one NaN": np.where(np.arange(30) == 4, np.nan, 1.0),
    "infinities": np.array([[-np.inf, 1.0], [np.inf, 2.0]]),
    "the largest floats": np.array([[-BIGGEST, BIGGEST], [0.0, BIGGEST]]),
    "the smallest floats": np.array([[5e-324, 0.0], [0.0, 1e-323]]),
    "float32 to its limits": np.linspace(-3.4e38, 3.4e38, 900 * 900, dtype=np.float32).reshape(900, 900),
    "half precision": np.linspace(-65504, 65504, 600 * 600).astype(np.float16).reshape(600, 600),
    "long double": np.linspace(0, 1, 12, dtype=np.longdouble),
    "one pixel": np.ones((1, 1)),
    "one channel": np.ones(1),
    "one spectrum of one channel": np.ones((1, 1, 1)),
    "one number": np.array(3.0),
    "no rows": np.zeros((0, 5)),
    "no columns": np.zeros((5, 0, 3)),
    "complex": np.fft.fft2(np.arange(64.0).reshape(8, 8)),
    "complex infinity": np.full((3, 3), complex(np.inf, np.nan)),
    "truth values": np.eye(700, dtype=bool),
    "64-bit integers": np.array([[-(2**63), 2**63 - 1], [0, 1]]),
    "unsigned 64-bit": np.array([2**64 - 1, 0, 2**63], np.uint64),
    "the other byte order": np.arange(12, dtype=">i2").reshape(3, 4),
    "one row": np.arange(5000).reshape(1, -1),
    "one column": np.arange(5000).reshape(-1, 1),
    "many axes": np.zeros((2, 1, 3, 1, 2, 4, 5)),
    "colours": np.zeros((6, 6, 3), np.uint8),
    "text": np.array(["a", "b"]),
    "records": np.zeros((3, 3), [("a", "f4"), ("b", "i8")]),
    "objects": np.array([{}, None], dtype=object),
    "dates": np.array(["2020-01-01"], "M8[D]"),
    "raw bytes": np.zeros((4, 4), "V3"),
    "not in order": np.asfortranarray(np.arange(600 * 700).reshape(600, 700))[::-1, ::2],
}


@pytest.mark.parametrize("kind", WITH_NUMBERS, ids=lambda kind: kind.value)
@pytest.mark.parametrize("numbers", ODD.values(), ids=ODD.keys())
def test_draws_a_square_picture_of_any_numbers(
    signal_of: SignalOf, pixels: Pixels, kind: SignalKind, numbers: NDArray[Any]
) -> None:
    signal = signal_of(kind, numbers)

    png = draw(signal)

    assert pixels(png).shape[:2] == (500, 500)


DTYPES = st.one_of(
    some.boolean_dtypes(),
    some.integer_dtypes(),
    some.unsigned_integer_dtypes(),
    some.floating_dtypes(),
    some.complex_number_dtypes(),
)


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(
    numbers=some.arrays(DTYPES, some.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=7)),
    kinds=st.tuples(st.sampled_from(WITH_NUMBERS), st.sampled_from(DatasetType), st.sampled_from(TECHNIQUES)),
    axes=st.lists(
        st.builds(
            Axis,
            name=st.sampled_from(["", "x", "Energy loss", "Wavelength"]),
            size=st.integers(0, 7),
            scale=st.floats(),
            offset=st.floats(),
            unit=st.one_of(st.sampled_from(["nm", "1/nm", "mrad", "eV", "keV", "s", "1/"]), st.text(max_size=5)),
        ),
        max_size=5,
    ),
    texts=st.tuples(st.text(), st.text(max_size=20)),
)
def test_draws_a_square_picture_of_anything_a_file_may_claim(
    signal_of: SignalOf,
    pixels: Pixels,
    numbers: NDArray[Any],
    kinds: tuple[SignalKind, DatasetType, str],
    axes: list[Axis],
    texts: tuple[str, str],
) -> None:
    metadata = Metadata(dataset_type=kinds[1], data_type=kinds[2], creation_time=None)
    signal = signal_of(kinds[0], numbers, tuple(axes), title=texts[0], quantity=texts[1], metadata=metadata)

    png = draw(signal)

    assert pixels(png).shape[:2] == (500, 500)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(
    calibration=st.tuples(st.floats(), st.floats()),
    channels=st.integers(1, 3000),
    height=st.floats(-1e308, 1e308),
    technique=st.sampled_from(TECHNIQUES),
)
def test_draws_a_spectrum_over_any_axis(
    signal_of: SignalOf, pixels: Pixels, calibration: tuple[float, float], channels: int, height: float, technique: str
) -> None:
    axis = Axis(name="Energy", size=channels, offset=calibration[0], scale=calibration[1], unit="eV")
    metadata = Metadata(dataset_type=DatasetType.SPECTRUM, data_type=technique, creation_time=None)
    signal = signal_of(SignalKind.SPECTRUM, np.linspace(0, height, channels), (axis,), metadata=metadata)

    png = draw(signal)

    assert pixels(png).shape == (500, 500, 3)


@pytest.mark.parametrize("kind", SignalKind, ids=lambda kind: kind.value)
def test_draws_the_same_bytes_for_the_same_signal(signal_of: SignalOf, kind: SignalKind) -> None:
    numbers = np.random.default_rng(1).normal(size=(12, 300, 200))

    once, again = (draw(signal_of(kind, numbers.copy(), text="line\nline", quantity="Counts")) for _ in range(2))

    assert once == again


@pytest.mark.parametrize("size_px", [100, 337, 1000])
def test_draws_the_size_that_is_asked_for(signal_of: SignalOf, pixels: Pixels, size_px: int) -> None:
    signal = signal_of(SignalKind.SPECTRUM_IMAGE, np.ones((8, 9, 100)))

    png = draw(signal, size_px=size_px)

    assert pixels(png).shape[:2] == (size_px, size_px)


@pytest.mark.parametrize("size_px", [-1, 0, 99, 4001])
def test_refuses_a_size_that_is_no_preview(signal_of: SignalOf, size_px: int) -> None:
    with pytest.raises(ValueError, match="choose 100 to 4000"):
        draw(signal_of(SignalKind.NONE), size_px=size_px)


@pytest.mark.parametrize("kind", WITH_NUMBERS, ids=lambda kind: kind.value)
def test_says_so_where_the_file_ends_before_its_data(
    signal_of: SignalOf, sparse: Callable[..., FileData], kind: SignalKind
) -> None:
    signal = signal_of(kind, sparse((4, 8, 10), "u1", held_bytes=300))

    png = draw(signal)

    assert png == draw_placeholder(signal, "The file ends 20 bytes before its data does.", 500).png()


CLAIMS = {
    "an image": (SignalKind.IMAGE, (100_000, 100_000), "18.6 GiB"),
    "a spectrum": (SignalKind.SPECTRUM, (10**15,), "1,862,645.1 GiB"),
    "a spectrum image": (SignalKind.SPECTRUM_IMAGE, (10**6, 10**6, 10**6), "1,862,645,149.2 GiB"),
    "a stack": (SignalKind.IMAGE_STACK, (10**6, 10**5, 10**5), "167.6 GiB"),
}


@pytest.mark.parametrize(("kind", "shape", "size"), CLAIMS.values(), ids=CLAIMS.keys())
def test_refuses_a_claim_that_no_memory_holds_without_reading(
    signal_of: SignalOf, kind: SignalKind, shape: tuple[int, ...], size: str
) -> None:
    absent = FileData(path=Path("absent"), offset=0, shape=shape, dtype=np.dtype("u2"))
    signal = signal_of(kind, absent)

    png = draw(signal)

    reason = f"Its picture would need {size} to be read; at most 4 GiB are read for one."
    assert png == draw_placeholder(signal, reason, 500).png()


def test_shows_what_the_reader_noted_on_a_missing_picture(signal_of: SignalOf) -> None:
    signal = signal_of(SignalKind.NONE)
    noted = type(signal.metadata)(
        dataset_type=signal.metadata.dataset_type,
        data_type="Misc",
        creation_time=None,
        notes=("the clock was wrong", "no picture: packed pixels"),
    )
    signal = signal_of(SignalKind.NONE, metadata=noted)

    png = draw(signal)

    assert png == draw_placeholder(signal, "no picture: packed pixels", 500).png()


def test_takes_a_named_last_axis_of_three_for_places_and_an_unnamed_one_for_colours(
    signal_of: SignalOf, pixels: Pixels
) -> None:
    numbers = np.zeros((30, 40, 3), np.uint8)
    axes = tuple(Axis(name=name, size=size) for name, size in zip("tyx", numbers.shape, strict=True))

    colours, stack = (
        draw(signal_of(SignalKind.IMAGE, numbers, axes[1:])),
        draw(signal_of(SignalKind.IMAGE, numbers, axes)),
    )

    assert pixels(colours).ndim == 3
    assert pixels(stack).ndim == 2


def test_does_not_hide_a_fault_of_our_own(signal_of: SignalOf) -> None:
    class Faulty(ArrayData):
        def blocks(self, *_: Any, **__: Any) -> Any:  # noqa: ANN401 - raises
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        draw(signal_of(SignalKind.IMAGE, Faulty(np.ones((3, 3)))))


GIGABYTE = {
    "a stack of images": ("IMAGE_STACK", (64, 2048, 4096), "u2"),
    "one image": ("IMAGE", (16384, 16384), "f4"),
    "a spectrum image": ("SPECTRUM_IMAGE", (512, 512, 1024), "f4"),
    "a spectrum image of long rows": ("SPECTRUM_IMAGE", (4, 65536, 1024), "f4"),
    "a spectrum": ("SPECTRUM", (1 << 27,), "f8"),
    "a line scan": ("LINE_SCAN", (1 << 16, 1 << 12), "f4"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "shape", "dtype"), GIGABYTE.values(), ids=GIGABYTE.keys())
def test_draws_a_gigabyte_in_a_small_memory(
    sparse: Callable[..., FileData], kind: str, shape: tuple[int, ...], dtype: str
) -> None:
    data = sparse(shape, dtype)
    script = f"""
        import numpy
        from pathlib import Path
        from nexuslims_core.datasets.arrays import FileData
        from nexuslims_core.datasets.models import DatasetType, Metadata
        from nexuslims_core.datasets.signals import Signal, SignalKind
        from nexuslims_core.previews.drawing import draw
        data = FileData(path=Path({str(data.path)!r}), offset=0, shape={shape}, dtype=numpy.dtype({dtype!r}))
        metadata = Metadata(dataset_type=DatasetType.MISC, data_type="Misc", creation_time=None)
        draw(Signal(title="", kind=SignalKind.{kind}, metadata=metadata, data=data))
        status = Path('/proc/self/status').read_text()  # ru_maxrss would count the process that forked this one
        print(int(status.partition('VmHWM:')[2].split()[0]) // 1024)
    """

    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, capture_output=True, text=True)

    assert int(done.stdout) < 150
