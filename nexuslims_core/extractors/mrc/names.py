"""What the extended headers and side-cars of MRC files call their values, and what a record calls them, as data.

FEI's layout is that of the MRC2014 specification of Thermo Fisher, in SI units. A bit of a mask says for each field
whether it was filled in; the fields of a mask stand in the order of its bits. Its convergence angle is said to be in
degrees and is in radians in the files that were seen.
"""

from nexuslims_core.extractors.values.value_tables import Named

FEI1_FIELDS = """
size:i4 version:i4
mask1:u4 Timestamp:f8 Microscope_type:S16 D_Number:S16 Application:S16 Application_version:S16 HT:f8 Dose:f8
Alpha_tilt:f8 Beta_tilt:f8 X_Stage:f8 Y_Stage:f8 Z_Stage:f8 Tilt_axis_angle:f8 Dual_axis_rotation:f8 Pixel_size_X:f8
Pixel_size_Y:f8 unused1:f8 unused2:f8 unused3:f8 unused4:f8 unused5:f8 unused6:f8 Defocus:f8 STEM_Defocus:f8
Applied_defocus:f8 Instrument_mode:i4 Projection_mode:i4 Objective_lens_mode:S16 High_magnification_mode:S16
Probe_mode:i4 EFTEM_On:u1 Magnification:f8
mask2:u4 Camera_length:f8 Spot_index:i4 Illuminated_area:f8 Intensity:f8 Convergence_angle:f8 Illumination_mode:S16
Wide_convergence_angle_range:u1 Slit_inserted:u1 Slit_width:f8 Acceleration_voltage_offset:f8 Drift_tube_voltage:f8
Energy_shift:f8 Shift_offset_X:f8 Shift_offset_Y:f8 Shift_X:f8 Shift_Y:f8 Integration_time:f8 Binning_Width:i4
Binning_Height:i4 Camera_name:S16 Readout_area_left:i4 Readout_area_top:i4 Readout_area_right:i4
Readout_area_bottom:i4 Ceta_noise_reduction:u1 Ceta_frames_summed:i4 Direct_detector_electron_counting:u1
Direct_detector_align_frames:u1 camera0:i4 camera1:i4 camera2:i4 camera3:i4
mask3:u4 camera4:i4 camera5:i4 camera6:i4 camera7:i4 camera8:i4 camera9:i4 Phase_Plate:u1 STEM_Detector_name:S16
Gain:f8 Offset:f8 stem0:i4 stem1:i4 stem2:i4 stem3:i4 stem4:i4 Dwell_time:f8 Frame_time:f8 Scan_size_left:i4
Scan_size_top:i4 Scan_size_right:i4 Scan_size_bottom:i4 Full_scan_FOV_X:f8 Full_scan_FOV_Y:f8 Element:S16
Energy_interval_lower:f8 Energy_interval_higher:f8 Method:i4 Is_dose_fraction:u1 Fraction_number:i4 Start_frame:i4
End_frame:i4 Input_stack_filename:S80
mask4:u4 Alpha_tilt_min:f8 Alpha_tilt_max:f8
"""
FEI2_FIELDS = """
Scan_rotation:f8 Diffraction_pattern_rotation:f8 Image_rotation:f8 Scan_mode_enumeration:i4
Acquisition_time_stamp:i8 Detector_commercial_name:S16 Start_tilt_angle:f8 End_tilt_angle:f8 Tilt_per_image:f8
Tilt_speed:f8 Beam_center_X_pixel:i4 Beam_center_Y_pixel:i4 CFEG_flash_timestamp:i8 Phase_plate_position_index:i4
Objective_aperture_name:S16
"""

FEI = {
    "HT": Named("Voltage", "kV", -3),
    "Magnification": Named("Magnification", ""),
    "Camera_length": Named("Camera Length", "mm", 3),
    "Defocus": Named("Defocus", "µm", 6),
    "STEM_Defocus": Named("STEM Defocus", "µm", 6),
    "Applied_defocus": Named("Applied Defocus", "µm", 6),
    "Dose": Named("Dose", "1/Å²", -20),
    "Integration_time": Named("Exposure Time", "s"),
    "Dwell_time": Named("Pixel Dwell Time", "µs", 6),
    "Frame_time": Named("Total Frame Time", "s"),
    "Alpha_tilt": Named("Stage Position α", "degree"),
    "Beta_tilt": Named("Stage Position β", "degree"),
    "X_Stage": Named("Stage Position X", "µm", 6),
    "Y_Stage": Named("Stage Position Y", "µm", 6),
    "Z_Stage": Named("Stage Position Z", "µm", 6),
    "Tilt_axis_angle": Named("Tilt Axis Angle", "degree"),
    "Convergence_angle": Named("Convergence Angle", "mrad", 3),
    "Spot_index": Named("Spot Size", ""),
    "Illuminated_area": Named("Illuminated Area Diameter", "µm", 6),
    "Intensity": Named("Intensity", ""),
    "Illumination_mode": Named("Illumination Mode"),
    "Objective_lens_mode": Named("Objective Lens Mode"),
    "Slit_width": Named("Energy Slit Width", "eV"),
    "Energy_shift": Named("Energy Shift", "eV"),
    "Camera_name": Named("Camera Name"),
    "Binning_Width": Named("Binning", ""),
    "Ceta_frames_summed": Named("Frames Summed", ""),
    "STEM_Detector_name": Named("Detector Name"),
    "Detector_commercial_name": Named("Detector Commercial Name"),
    "Gain": Named("Detector Gain", ""),
    "Offset": Named("Detector Offset", ""),
    "Full_scan_FOV_X": Named("Horizontal Field Width", "µm", 6),
    "Full_scan_FOV_Y": Named("Vertical Field Width", "µm", 6),
    "Scan_rotation": Named("Scan Rotation", "rad"),
    "Element": Named("Element"),
    "Start_frame": Named("First Frame", ""),
    "End_frame": Named("Last Frame", ""),
    "Objective_aperture_name": Named("Objective Aperture"),
    "Microscope_type": Named("Microscope"),
    "D_Number": Named("Device Number"),
    "Application": Named("Software"),
    "Application_version": Named("Software Version"),
}
FEI_ZERO_IS_UNSET = frozenset(
    {"Magnification", "Camera_length", "Dose", "Integration_time", "Dwell_time", "Frame_time"}
)
FEI_FLAGS = {
    "EFTEM_On": "EFTEM",
    "Slit_inserted": "Energy Slit Inserted",
    "Direct_detector_electron_counting": "Electron Counting",
    "Phase_Plate": "Phase Plate Inserted",
}
FEI_MODES = {
    "Instrument_mode": ("Operating Mode", {1: "TEM", 2: "STEM"}),
    "Projection_mode": ("Projector Mode", {1: "Diffraction", 2: "Imaging"}),
    "Probe_mode": ("Probe Mode", {1: "Nanoprobe", 2: "Microprobe"}),
}

OLD_FEI_FIELDS = (
    "a_tilt",
    "b_tilt",
    "x_stage",
    "y_stage",
    "z_stage",
    "x_shift",
    "y_shift",
    "defocus",
    "exp_time",
    "mean_int",
    "tilt_axis",
    "pixel_size",
    "magnification",
    "ht",
    "binning",
    "applied_defocus",
)
OLD_FEI = {
    "ht": Named("Voltage", "kV", -3),
    "magnification": Named("Magnification", ""),
    "defocus": Named("Defocus", "µm", 6),
    "exp_time": Named("Exposure Time", "s"),
    "a_tilt": Named("Stage Position α", "degree"),
    "b_tilt": Named("Stage Position β", "degree"),
    "x_stage": Named("Stage Position X", "µm", 6),
    "y_stage": Named("Stage Position Y", "µm", 6),
    "z_stage": Named("Stage Position Z", "µm", 6),
    "tilt_axis": Named("Tilt Axis Angle", "degree"),
    "binning": Named("Binning", ""),
}
OLD_FEI_LENGTHS = ("x_stage", "y_stage", "z_stage", "defocus")
"""In m; old programs wrote µm, which no stage reaches in m."""

MDOC = {
    "Voltage": Named("Voltage", "kV"),
    "Magnification": Named("Magnification", ""),
    "Defocus": Named("Defocus", "µm"),
    "TargetDefocus": Named("Target Defocus", "µm"),
    "ExposureTime": Named("Exposure Time", "s"),
    "ExposureDose": Named("Dose", "1/Å²"),
    "PriorRecordDose": Named("Prior Dose", "1/Å²"),
    "DoseRate": Named("Dose Rate", "1/s"),
    "TiltAngle": Named("Stage Position α", "degree"),
    "StageX": Named("Stage Position X", "µm"),
    "StageY": Named("Stage Position Y", "µm"),
    "StageZ": Named("Stage Position Z", "µm"),
    "RotationAngle": Named("Image Rotation", "degree"),
    "SpotSize": Named("Spot Size", ""),
    "Intensity": Named("Intensity", ""),
    "Binning": Named("Binning", ""),
    "SlitWidth": Named("Energy Slit Width", "eV"),
    "EnergyLoss": Named("Energy Loss", "eV"),
    "NumSubFrames": Named("Number of Frames per Image", ""),
    "SubFramePath": Named("Frames File"),
    "OperatingMode": Named("Camera Mode"),
}
"""SerialEM's key words; ``DoseRate`` counts electrons a camera pixel."""

DIRECT_ELECTRON = {
    "Instrument Accelerating Voltage (V)": Named("Voltage", "kV", -3),
    "Instrument Project Magnification": Named("Magnification", ""),
    "Instrument Project Camera Length (centimeters)": Named("Camera Length", "mm", 1),
    "Exposure Time (seconds)": Named("Total Exposure Time", "s"),
    "Frame Exposure Time (nanoseconds)": Named("Exposure Time", "s", -9),
    "Frames Per Second": Named("Frame Rate", "Hz"),
    "Scan - Dwell Time (microseconds)": Named("Pixel Dwell Time", "µs"),
    "Scan - Rotation": Named("Scan Rotation", "degree"),
    "Instrument Project Name": Named("Microscope"),
    "Camera Model": Named("Camera Name"),
    "Camera SN": Named("Camera Serial Number"),
    "Binning X": Named("Binning", ""),
    "ADUs Per Electron": Named("Counts per Electron", ""),
    "ADUs Per Electron Bin1x": Named("Counts per Electron", ""),
    "Temperature - Detector (Celsius)": Named("Detector Temperature", "degC"),
    "Server Software Version": Named("Software Version"),
}
"""Keys of the ``_info.txt`` of Direct Electron's server, where -1 means that the microscope did not tell."""
