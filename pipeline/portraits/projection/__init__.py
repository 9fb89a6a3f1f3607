"""From a photograph to the styles whose picture is most like it, by optimisation.

recipe.py says how, face.py what can be projected, target.py prepares the photograph, likeness.py measures, noise.py
keeps StyleGAN2's noise from telling what styles should, state.py is what a broken-off projection goes on from, and
project.py runs it. A job's projection is told by brief.py and made by painter.py.

Source: Karras et al., arXiv:1912.04958, section 5 and appendix D; a style for each layer: Abdal et al.,
arXiv:1904.03189.
"""
