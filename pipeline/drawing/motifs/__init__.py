"""Poster motifs that we draw ourselves, from a few words and numbers. Torch-free.

attributes.py says what a motif is, sampling.py draws lots for one, and drawing.py paints it. The subjects are in
places.py, things.py and signs.py, a function each.
"""

from pipeline.drawing.motifs.attributes import SUBJECTS, Motif
from pipeline.drawing.motifs.drawing import LARGEST, SMALLEST, draw
from pipeline.drawing.motifs.sampling import sample

__all__ = ["LARGEST", "SMALLEST", "SUBJECTS", "Motif", "draw", "sample"]
