"""A variational autoencoder of pictures: config.py says which one, network.py builds it, files.py reads and writes it.

How it is trained is in training/vae; what is designed with it, in interiors.
"""
