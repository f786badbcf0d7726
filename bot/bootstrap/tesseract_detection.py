"""What the agents' side knows of this machine's Tesseract, for `doctor` and the start."""

from agents.tesseract_detection import ADDS, PACKAGE, installed_languages, tesseract

__all__ = ["ADDS", "PACKAGE", "installed_languages", "tesseract"]
