"""FEI's TIA: ``.ser`` and ``.emi``."""
