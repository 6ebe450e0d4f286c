"""What is odd about each microscope, as data: values not to be trusted, fixed, renamed, or that tell what a file is."""
