"""Portraits that we draw ourselves, from numbers: what our own networks are trained on. Torch-free.

attributes.py says what a portrait is, sampling.py draws lots for one, portraits.py paints it, and caption.py says it in
a sentence. The rest is the painter's craft, a file for each idea: canvas, curves, fields, pose and light below; skin,
eyes, mouth, hair, clothes and the background above.

rooms/ draws interiors with the same canvas, curves and colours.
"""
