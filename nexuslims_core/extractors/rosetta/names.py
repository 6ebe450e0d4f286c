"""Names, as data: where RosettaSciIO's tree of metadata keeps what, and what a record calls it.

The tree and its units are HyperSpy's (its documentation, "Metadata structure"); a value whose neighbour ``…_units``
says otherwise has that unit.
"""

from typing import NamedTuple

TEXT, NUMBER = None, ""


class Row(NamedTuple):
    """Where a value stands, its name, its unit (None for text, empty for a number), and the power of ten to it."""

    place: str
    name: str
    unit: str | None = TEXT
    power: int = 0


INSTRUMENTS = ("TEM", "SEM", "STEM", "FESEM", "CL", "CL_SEM", "CL_STEM", "FIB_SIMS", "LASER", "")
"""Groups in ``Acquisition_instrument`` that stand for the whole instrument; empty for what stands in none."""

ROWS = (
    Row("microscope", "Microscope"),
    Row("beam_energy", "Voltage", "kV"),
    Row("beam_current", "Beam Current", "nA"),
    Row("magnification", "Magnification", NUMBER),
    Row("camera_length", "Camera Length", "mm"),
    Row("convergence_angle", "Convergence Angle", "mrad"),
    Row("working_distance", "Working Distance", "mm"),
    Row("dwell_time", "Pixel Dwell Time", "µs", 6),
    Row("acquisition_mode", "Acquisition Mode"),
    Row("cathode", "Electron Source"),
    Row("probe_area", "Probe Area", "nm**2"),
    Row("frames_per_second", "Frame Rate", "Hz"),
    Row("Stage.x", "Stage Position X", "mm"),
    Row("Stage.y", "Stage Position Y", "mm"),
    Row("Stage.z", "Stage Position Z", "mm"),
    Row("Stage.rotation", "Stage Position R", "degree"),
    Row("Stage.tilt_alpha", "Stage Position α", "degree"),
    Row("Stage.tilt", "Stage Position α", "degree"),
    Row("Stage.tilt_beta", "Stage Position β", "degree"),
    Row("rotation", "Stage Position R", "degree"),
    Row("tilt_alpha", "Stage Position α", "degree"),
    Row("tilt_beta", "Stage Position β", "degree"),
    Row("detector", "Detector Name"),
    Row("Detector.detector_type", "Detector Name"),
    Row("Detector.model", "Detector Model"),
    Row("Detector.name", "Detector Name"),
    Row("Detector.exposure_per_frame", "Exposure Time", "s"),
    Row("Detector.integration_time", "Integration Time", "s"),
    Row("Detector.frames", "Number of Frames", NUMBER),
    Row("Detector.temperature", "Detector Temperature", "degC"),
    Row("Detector.pmt_voltage", "PMT Voltage", "V"),
    Row("Detector.pixel_size", "Detector Pixel Size", "µm"),
    Row("Detector.mcp_gain", "MCP Gain", NUMBER),
    Row("Detector.acquisition_mode", "Detector Acquisition Mode"),
    Row("Detector.time_range", "Time Range", NUMBER),
    Row("Detector.Camera.name", "Camera Name"),
    Row("Detector.Camera.Name", "Camera Name"),
    Row("Detector.Camera.exposure", "Exposure Time", "s"),
    Row("Camera.exposure", "Exposure Time", "s"),
    Row("Detector.EDS.detector", "Detector Name"),
    Row("Detector.EDS.EDS_det", "Detector Name"),
    Row("Detector.EDS.detector_type", "Detector Name"),
    Row("Detector.EDS.azimuth_angle", "Azimuthal Angle", "degree"),
    Row("Detector.EDS.elevation_angle", "Elevation Angle", "degree"),
    Row("Detector.EDS.solid_angle", "Solid Angle", "sr"),
    Row("Detector.EDS.energy_resolution_MnKa", "Energy Resolution", "eV"),
    Row("Detector.EDS.live_time", "Live Time", "s"),
    Row("Detector.EDS.real_time", "Real Time", "s"),
    Row("Detector.EDS.number_of_frames", "Number of Frames", NUMBER),
    Row("Detector.EELS.aperture", "EELS Aperture Label"),
    Row("Detector.EELS.aperture_size", "EELS Aperture Size", "mm"),
    Row("Detector.EELS.collection_angle", "Collection Angle", "mrad"),
    Row("Detector.collection_angle", "Collection Angle", "mrad"),
    Row("Detector.EELS.dwell_time", "Pixel Dwell Time", "µs", 6),
    Row("Detector.dwell_time", "Pixel Dwell Time", "µs", 6),
    Row("Detector.EELS.exposure", "Exposure Time", "s"),
    Row("Detector.EELS.frame_number", "Number of Frames", NUMBER),
    Row("Detector.EELS.spectrometer", "Spectrometer"),
    Row("Spectrometer.model", "Spectrometer"),
    Row("Spectrometer.acquisition_mode", "Spectrometer Acquisition Mode"),
    Row("Spectrometer.central_wavelength", "Central Wavelength", "nm"),
    Row("Spectrometer.start_wavelength", "Start Wavelength", "nm"),
    Row("Spectrometer.step_size", "Wavelength Step", "nm"),
    Row("Spectrometer.bandpass", "Bandpass", "nm"),
    Row("Spectrometer.entrance_slit_width", "Entrance Slit Width", "µm"),
    Row("Spectrometer.exit_slit_width", "Exit Slit Width", "µm"),
    Row("Spectrometer.Grating.groove_density", "Grating Groove Density", "1/mm"),
    Row("Spectrometer.Grating.blazing_wavelength", "Grating Blazing Wavelength", "nm"),
    Row("Spectrometer.Filter.filter_type", "Filter"),
    Row("Spectrometer.Filter.position", "Filter Position"),
    Row("Laser.wavelength", "Laser Wavelength", "nm"),
    Row("Laser.power", "Laser Power", "mW"),
    Row("Laser.objective_magnification", "Objective Magnification", NUMBER),
    Row("FIB.voltage_kV", "Voltage", "kV"),
    Row("FIB.current_nA", "Beam Current", "nA"),
    Row("FIB.pixel_size_um", "Pixel Width", "µm"),
    Row("FIB.hardware", "FIB Column"),
    Row("FIB.current_A", "Beam Current", "nA", 9),
    Row("FIB.view_field_mm", "Horizontal Field Width", "µm", 3),
    Row("ToF.ion_mode", "Ion Mode"),
    Row("ToF.n_peaks", "Number of Peaks", NUMBER),
    Row("ToF.sample_interval_s", "Sample Interval", "ns", 9),
    Row("DAQ.tofdaq_version", "Software Version"),
    Row("chamber_pressure_Pa", "Chamber Pressure", "Pa"),
)
"""Below one of the instruments; of two places with one name the first that says something counts."""

ELSEWHERE = (
    Row("Sample.description", "Specimen"),
    Row("Sample.name", "Specimen"),
    Row("Sample.thickness", "Specimen Thickness", "nm"),
    Row("Sample.credits", "Specimen Credits"),
    Row("General.authors", "Operator"),
    Row("General.notes", "Notes"),
    Row("General.doi", "DOI"),
)
LISTS = (Row("Sample.elements", "Elements"), Row("Sample.xray_lines", "X-ray Lines"))
NEVER_ZERO = frozenset({"Voltage", "Magnification", "Camera Length"})
"""Where 0 means that a program was not told."""

DOUBTFUL = frozenset({"Operator"})
"""Who is logged in at an instrument is often not who sits there."""

UNITS = {
    "mR": "mrad",
    "uA": "µA",
    "um": "µm",
    "μm": "µm",
    "A": "Å",
    "Angstrom": "Å",
    "angstrom": "Å",
    "deg": "degree",
    "degrees": "degree",
    "°": "degree",
    "°C": "degC",
    "C": "degC",
    "n_m": "nm",
    "nm^-1": "1/nm",
    "Seconds": "s",
    "sec": "s",
    "seconds": "s",
    "meters": "m",
    "[]": "",
}
"""How programs write units, and how pint does."""

KNOWN_UNITS = frozenset(
    {"m", "mm", "µm", "nm", "pm", "Å", "1/mm", "1/cm", "1/µm", "1/nm", "1/Å", "rad", "mrad", "degree", "sr"}
    | {"eV", "keV", "V", "kV", "A", "mA", "µA", "nA", "pA", "ohm", "s", "ms", "µs", "ns", "ps", "Hz", "kHz"}
    | {"K", "degC", "Pa", "mbar", "bar", "torr", "W", "mW"}
)
"""Units that a value may bear which no table knows."""
