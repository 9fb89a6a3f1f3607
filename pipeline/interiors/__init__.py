"""Designing with a variational autoencoder: sampled, varied, bred, edited, kept in part, and filmed.

brief.py says what is wanted, latents.py which latent each frame has, painter.py makes pictures of them.
"""
