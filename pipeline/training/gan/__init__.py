"""Training a StyleGAN2: `python -m pipeline.training.gan --help`; as a job it is painter.py's.

brief.py says what is asked for, pictures.py gives what is learnt from, losses.py and augment.py what is made small and
on what, trainer.py takes the two networks in turns, record.py keeps its numbers, sheet.py and plot.py show them,
state.py keeps what resuming needs.
"""
