"""A table of every string that people or models read, found by rule and kept as a snapshot.

python -m tests.wording            prints the table
python -m tests.wording bot agents prints these packages only
python -m tests.wording --renew    writes the snapshot, `tests/wording/*.txt`
"""
