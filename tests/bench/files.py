"""The 39 DigitalMicrograph files of the session, by their names in the collection of real files.

All that come from instruments are in it, then those that a test suite of readers was made from, one of each number of
axes and of several kinds of number. Left out: files of two kilobytes and less, and images in colour, over each of which
the peer ends the session in ERROR. The order is the order of time, in thirteen groups of three.
"""

GROUPS, EACH = 13, 3
REAL_FILES = (
    "dm3/TEM_list_signal_dataZeroed.dm3",
    "dm3/Titan_survey_image_dataZeroed.dm3",
    "dm3/Titan_EELS_SI_dataZeroed.dm3",
    "dm3/Titan_EELS_SI_driftcorr_dataZeroed.dm3",
    "dm3/Titan_EELS_proc_intgrate_and_bg_dataZeroed.dm3",
    "dm3/Titan_EELS_proc_thickness_dataZeroed.dm3",
    "dm3/Titan_Tecnai_TEM_diffraction_dataZeroed.dm3",
    "dm3/Titan_opmode_diffraction_dataZeroed.dm3",
    "dm3/JEOL3010_TEM_diffraction_dataZeroed.dm3",
    "dm3/643_Titan_EELS_proc_intgrate_and_bg_dataZeroed.dm3",
    "dm3/Titan_FFT.dm3",
    "dm3/Fei HAADF-DE_location.dm3",
    "dm3/Fei HAADF-UK_location.dm3",
    "dm3/test-EDS_spectrum.dm3",
    "dm3/test_STEM_image.dm3",
    "dm3/test_diffraction_pattern.dm3",
    "dm3/test_diffraction_pattern_tags_removed.dm3",
    "dm3/08_carbon.dm3",
    "dm3/AL-DFoffset0.00.dm3",
    "dm3/dmTest_float32_nonSquare_diffPixelSize.dm3",
    "dm4/dmTest_float32_nonSquare_diffPixelSize.dm4",
    "dm4/neoarm-gatan_image_dataZeroed.dm4",
    "dm4/test-MonarcCL_mono-image.dm4",
    "dm4/test-MonarcCL_spectrum-ccd.dm4",
    "dm4/test-MonarcCL_spectrum-pmt.dm4",
    "dm4/test-MonarcCL_spectrum-SI.dm4",
    "dm3/1D_test-1.dm3",
    "dm3/2D_test-2.dm3",
    "dm3/3D_test-5.dm3",
    "dm3/1D_test-7.dm3",
    "dm3/2D_test-10.dm3",
    "dm3/3D_test-11.dm3",
    "dm4/1D_test-1.dm4",
    "dm4/2D_test-2.dm4",
    "dm4/3D_test-5.dm4",
    "dm4/1D_test-7.dm4",
    "dm4/2D_test-10.dm4",
    "dm4/3D_test-11.dm4",
    "dm4/1D_test-27.dm4",
)
