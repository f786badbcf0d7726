"""The strict other side of the sample platform, and the people in it."""
