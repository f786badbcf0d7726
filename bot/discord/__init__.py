"""Discord: the third voice. `platform.py` is the platform; everything else is what it is made of."""
