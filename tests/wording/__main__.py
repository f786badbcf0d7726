"""Prints the table or renews the snapshot."""

import sys

from tests.wording import table

if "--renew" in sys.argv:
    for package in table.PACKAGES:
        table.snapshot(package).write_text(table.text(package))
else:
    for package in sys.argv[1:] or table.PACKAGES:
        sys.stdout.write(table.text(package))
