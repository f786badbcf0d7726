"""Files as people have them: each case says of which kind it is, and what a reader owes it.

All files are made in code; the files that others made are read in place, where the machine has them.
"""
