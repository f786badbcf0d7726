"""The rehearsal: a scripted model without any language model in it, for the first run and for tests."""
