"""Ordinary chat habits on every platform: what people do, and what then reaches the model.

A habit is a test with the decorator `habit` and the fixture `room`. `python -m tests.world.chats` lists them all.
"""
