"""A generator of motions: config.py says which one, network.py builds it, files.py reads and writes it.

kinematics.py is the skeleton's forward kinematics, through which gradients pass. How it is trained is in
training/motion; what is made with it, in motion/generation.py.
"""
