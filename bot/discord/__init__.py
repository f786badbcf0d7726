"""Discord: the third voice. `client.py` is the platform; everything else is what it is made of."""
