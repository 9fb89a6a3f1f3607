"""Training the model of pictures from words that comes with Atelier, on pictures that are drawn for it.

pictures.py draws them, learning.py says what is learnt, training.py trains and writes, looking.py tells by pictures
what is in them, and report.py measures. `python -m pipeline.training.words --help`.
"""
