"""One superb picture by optimisation: a content picture repainted after paintings, by L-BFGS on a network's features.

recipe.py says how, objective.py what is made small, lbfgs.py makes it small, and paint.py runs it from coarse to fine.
Files are read and written elsewhere: pictures are tensors here, and the state that resumes a run is bytes.

Source: Gatys et al., arXiv:1508.06576; masks and colour after Gatys et al., arXiv:1611.07865.
"""
