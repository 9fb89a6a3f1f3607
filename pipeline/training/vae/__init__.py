"""Training a variational autoencoder: `python -m pipeline.training.vae --help`; as a job it is painter.py's.

brief.py says what is asked for, material.py gives what is learnt from, losses.py and critic.py say what is made small,
descent.py does it, latents.py finds where pictures and attributes lie, sheet.py, report.py and card.py tell.
"""
