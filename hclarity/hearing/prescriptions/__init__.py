"""Prescriptions: from what an ear hears to the gain it is given."""
