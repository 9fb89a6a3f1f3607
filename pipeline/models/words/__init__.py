"""Pictures from words by a rectified flow of our own: a small text encoder, and a U-Net that reads it.

config.py says which networks, vocabulary.py turns a sentence into numbers, text.py and unet.py are the networks,
flow.py draws pictures with them, and files.py reads and writes them. Training is in training/words.
"""
