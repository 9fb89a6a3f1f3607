"""What a file says of itself: that a model made it, which one, and of what. Into every format that we deliver, and out.

    marked = embed(data, {"seed": "85"}, Marks(origin="generated", producer="Studio"))
    tell(Path("film.mp4")).source_type

Three kinds of marks are embedded: an XMP packet with IPTC's word for such pictures and facts of ours (packet.py),
China's AIGC field (aigc.py), and, where a certificate is configured, a signature by C2PA (signing.py). The one that
people see is label.py's. Where each lies in a file is a module for each format, with a row in formats.py. Torch-free.
"""

from pipeline.provenance.embed import (
    SUFFIXES,
    content_id,
    digital_source_type,
    embed,
    embed_file,
    movie_tags,
    read,
    tell,
    told_by,
)
from pipeline.provenance.latents import LATENT, LATENT_SHAPE, latent_facts, latent_of
from pipeline.provenance.marks import COMPOSED, COMPUTED, GENERATED, KEPT, PAGE, RULES, SOFTWARE, Marks, Origin, Told
from pipeline.provenance.packet import packet

__all__ = [
    "COMPOSED",
    "COMPUTED",
    "GENERATED",
    "KEPT",
    "LATENT",
    "LATENT_SHAPE",
    "PAGE",
    "RULES",
    "SOFTWARE",
    "SUFFIXES",
    "Marks",
    "Origin",
    "Told",
    "content_id",
    "digital_source_type",
    "embed",
    "embed_file",
    "latent_facts",
    "latent_of",
    "movie_tags",
    "packet",
    "read",
    "tell",
    "told_by",
]
