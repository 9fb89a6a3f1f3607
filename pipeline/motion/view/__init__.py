"""Moving figures as pictures: bodies with volume, on a floor, seen by a camera. NumPy and OpenCV only.

A stage (stage.py) has figures (figures.py), a look (looks.py) and a camera (cameras.py); it draws any frame, and each
frame is the same whoever draws it, whatever was drawn before.

    clip → pose (placing) → parts (body) → quadrics → rows → what is nearest (surfaces) → colours (lighting, shading)

Below them lie a backdrop, a grid and shadows; canvas.py lays everything over each other. paths.py leads the camera.

The world is pipeline.motion's: x to the left of a figure that faces z, y up, the floor at y = 0, metres.
Pictures are sRGB, `(height, width, 3)` uint8, or with straight alpha `(height, width, 4)`.
"""
