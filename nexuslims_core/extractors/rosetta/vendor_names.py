"""Names, as data: what the formats' own trees (``original_metadata``) say beyond RosettaSciIO's tree, reader by reader.

Units are those of the formats: Odemis (Delmic) writes SI, RosettaSciIO's Renishaw reader µm, Berkeley's EMD files SI,
PRISM's simulations keV and mrad.
"""

from collections.abc import Mapping

from nexuslims_core.extractors.rosetta.names import NUMBER, Row

_ODEMIS = "ExtraSettings.SEM E-beam"
_HEADER = "Impulse_header"
SIMULATION = "simulation_parameters"

ROWS: Mapping[str, tuple[Row, ...]] = {
    "delmic": (
        Row("ExtraSettings.Microscope.Name.0", "Microscope"),
        Row("ExtraSettings.Microscope.Manufacturer.0", "Manufacturer"),
        Row(f"{_ODEMIS}.accelVoltage.0", "Voltage", "kV", -3),
        Row("AccelerationVoltage", "Voltage", "kV", -3),
        Row(f"{_ODEMIS}.probeCurrent.0", "Beam Current", "nA", 9),
        Row(f"{_ODEMIS}.magnification.0", "Magnification", NUMBER),
        Row("Magnification", "Magnification", NUMBER),
        Row(f"{_ODEMIS}.horizontalFoV.0", "Horizontal Field Width", "µm", 6),
        Row(f"{_ODEMIS}.dwellTime.0", "Pixel Dwell Time", "µs", 6),
        Row(f"{_ODEMIS}.rotation.0", "Scan Rotation", "rad"),
        Row("ExtraSettings.Spectrograph.position.0.wavelength", "Central Wavelength", "nm", 9),
        Row("ExtraSettings.Streak Unit.timeRange.0", "Time Range", "ns", 9),
        Row("ExtraSettings.Streak Unit.MCPGain.0", "MCP Gain", NUMBER),
        Row("HardwareName", "Detector Name"),
        Row("IntegrationTime", "Integration Time", "s"),
        Row("ExposureTime", "Exposure Time", "s"),
        Row("EmissionWavelength", "Emission Wavelength"),
        Row("Polarization", "Polarization"),
        Row("ChannelDescription", "Signal Name"),
        Row("SVIData.WriterVersion", "Software Version"),
    ),
    "renishaw": (
        Row("WXIS_0.Instrument type", "Instrument"),
        Row("WDF1_1.username", "Operator"),
        Row("WDF1_1.app_version", "Software Version"),
        Row("WDF1_1.measurement_type", "Measurement Type"),
        Row("WDF1_1.scan_type", "Scan Type"),
        Row("WDF1_1.accumulations_per_spectrum", "Number of Accumulations", NUMBER),
        Row("WXIS_0.System Configuration.Grating", "Grating"),
        Row("WXIS_0.ND Transmission %", "Laser Transmission", "%"),
        Row("WXIS_0.Stage.X", "Stage Position X", "µm"),
        Row("WXIS_0.Stage.Y", "Stage Position Y", "µm"),
        Row("WXIS_0.Stage.Z", "Stage Position Z", "µm"),
    ),
    "impulse": (
        Row(f"{_HEADER}.Sample", "Specimen"),
        Row(f"{_HEADER}.Description", "Description"),
        Row(f"{_HEADER}.Experiment_duration", "Experiment Duration"),
        Row(f"{_HEADER}.Calibration_value", "Calibration Value", NUMBER),
        Row(f"{_HEADER}.Room_temperature", "Room Temperature", "degC"),
        Row(f"{_HEADER}.Max_temperature", "Maximum Temperature", "degC"),
        Row(f"{_HEADER}.System_version", "System Version"),
        Row(f"{_HEADER}.Gas1", "Gas 1"),
        Row(f"{_HEADER}.Gas2", "Gas 2"),
        Row(f"{_HEADER}.Gas3", "Gas 3"),
    ),
    "dens": (
        Row("DENS_header.R0", "Reference Resistance", "ohm"),
        Row("DENS_header.a", "Calibration Coefficient a", NUMBER),
        Row("DENS_header.b", "Calibration Coefficient b", NUMBER),
        Row("DENS_header.c", "Calibration Coefficient c", NUMBER),
        Row("DENS_header.version", "Software Version"),
    ),
    "hamamatsu": (
        Row("Comment.Camera.CameraName", "Camera Name"),
        Row("Comment.Streak camera.DeviceName", "Detector Name"),
        Row("Comment.Streak camera.Mode", "Streak Camera Mode"),
        Row("Comment.Streak camera.Gate Mode", "Gate Mode"),
        Row("Comment.Application.Software", "Software"),
        Row("Comment.Application.SoftwareVersion", "Software Version"),
    ),
    "emd": (
        Row("microscope.name", "Microscope"),
        Row("microscope.high tension", "Voltage", "kV", -3),
        Row("microscope.magnification", "Magnification", NUMBER),
        Row("microscope.camera length", "Camera Length", "mm", 3),
        Row("microscope.convergence angle", "Convergence Angle", "mrad", 3),
        Row("microscope.defocus", "Defocus", "µm", 6),
        Row("microscope.dwell time", "Pixel Dwell Time", "µs", 6),
        Row("microscope.spot size", "Spot Size", NUMBER),
        Row("microscope.binning", "Binning", NUMBER),
        Row("sample.sample name", "Specimen"),
        Row("sample.material", "Specimen"),
        Row("sample.preparation", "Specimen Preparation"),
        Row("user.User name", "Operator"),
        Row("user.name", "Operator"),
        Row("user.institution", "Institution"),
        Row(f"{SIMULATION}.E0", "Voltage", "kV"),
        Row(f"{SIMULATION}.probeSemiangle", "Convergence Angle", "mrad"),
        Row(f"{SIMULATION}.alphaBeamMax", "Simulated Maximum Angle", "mrad"),
        Row(f"{SIMULATION}.detectorAngleStep", "Simulated Detector Angle Step", "mrad"),
        Row(f"{SIMULATION}.sliceThickness", "Simulated Slice Thickness", "Å"),
        Row(f"{SIMULATION}.numFP", "Simulated Frozen Phonons", NUMBER),
    ),
    "nexus": (
        Row("instrument.name", "Instrument"),
        Row("instrument.source.name", "Electron Source"),
        Row("instrument.beamline", "Beamline"),
        Row("sample.name", "Specimen"),
        Row("sample.description", "Specimen Description"),
        Row("user.name", "Operator"),
        Row("user.username", "Operator"),
        Row("program_name", "Software"),
        Row("entry_identifier", "Entry Identifier"),
        Row("experiment_identifier", "Experiment Identifier"),
        Row("definition", "NeXus Definition"),
    ),
}
"""By the name of a reader; of two places with one name the first that says something counts."""
