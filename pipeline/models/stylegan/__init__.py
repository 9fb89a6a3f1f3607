"""StyleGAN2 and StyleGAN3 generators, in our own modules; tensors are called as in NVIDIA's checkpoints.

layers.py and resample.py hold what both share, mapping.py the way from z to w, synthesis2.py and synthesis3.py the ways
from w to a picture, generator.py joins them, config.py says what there is to know besides the tensors.
"""
