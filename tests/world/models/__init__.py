"""What model servers really answer, in three protocols, streamed and not: what then reaches the model, and how the step
ends.

A behaviour is a test with the decorator `behaviour`, which names its kind, and the fixture `world`.
"""
