"""The world as it is: what people, platforms and model servers really do, rewritten from public reports."""
