"""Rooms that we draw ourselves, from numbers: what our own network of interiors is trained on. Torch-free.

attributes.py says what a room is, sampling.py draws lots for one, plan.py furnishes it in metres, drawing.py paints it,
and measures.py says how bright, how full and how large it is. The rest is the painter's craft, a file for each idea.
"""

from pipeline.drawing.rooms.attributes import Room
from pipeline.drawing.rooms.drawing import LARGEST, SMALLEST, draw
from pipeline.drawing.rooms.measures import MEANINGS, MEASURED, MEASURES, measure_pixels, measures
from pipeline.drawing.rooms.sampling import sample, settled

__all__ = [
    "LARGEST",
    "MEANINGS",
    "MEASURED",
    "MEASURES",
    "SMALLEST",
    "Room",
    "draw",
    "measure_pixels",
    "measures",
    "sample",
    "settled",
]
