"""Who booked the instrument, why and for which sample: calendars, and the choice of the right reservation."""
