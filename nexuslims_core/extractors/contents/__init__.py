"""What files of many formats are made of: heads, HDF5, XML, INI texts; and what their damage is called."""
