"""The rehearsal: a scripted model without a language model, for the first run and for tests."""
