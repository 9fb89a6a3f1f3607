"""Pictures from words by diffusion, through the library `diffusers`: what a model is, and the painter of its pictures.

Everything but loading.py, assembly.py, known.py and painter.py is torch-free: job files are planned with it.
"""
