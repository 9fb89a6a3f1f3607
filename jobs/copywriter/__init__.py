"""Copy by a language model: headlines and the like for each audience and language, from any OpenAI-compatible endpoint.

For every job kind that has texts. Its spec embeds `Copy`; its `prepare` (jobs/kinds/base.py) calls `write`, and its
`plan` tells by `note` what was not written. Answers are kept in the job store, so that the same job file has the same
texts ever after, and are other people's words: checked, cleaned, and never executed.
"""

from jobs.copywriter.keys import Copy, Wanted
from jobs.copywriter.request import CopyRequest
from jobs.copywriter.write import note, write

__all__ = ["Copy", "CopyRequest", "Wanted", "note", "write"]
