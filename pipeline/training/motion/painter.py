"""Training a generator of motions as a job."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import MediaError
from pipeline.motion import dataset, labels
from pipeline.painter import Work
from pipeline.training.learner import LearningPainter
from pipeline.training.material import mark
from pipeline.training.motion import recordings
from pipeline.training.motion.brief import MotionBrief
from pipeline.training.motion.training import MotionTraining


class MotionPainter(LearningPainter):
    """Trains one generator of motions; its frames are sheets of what it makes."""

    told = "report"

    def _training(self, work: Work, scratch: Path) -> MotionTraining:
        brief = MotionBrief.from_json(self._inputs)
        told = labels.read(work.file(0), brief.labels)
        work.pulse("fetching the recordings")
        with work.watch.time("fetch_s"):
            folder = self._folder(brief, told, work, scratch)
            motions = dataset.load(
                folder, told, rate=brief.rate, report=lambda read: work.pulse(f"reading the recordings: {read:,}")
            )
        if motions.problems:
            work.note(f"left out: {dataset.in_words(motions.problems)}")
        return MotionTraining(brief, motions=motions, device=self._easel.device)

    def _deliver(self, training: MotionTraining, work: Work) -> None:
        with work.watch.time("measure_s"):
            training.table(work.pulse)
        super()._deliver(training, work)
        work.deliver(f"{training.name}.json", training.told())

    def _folder(self, brief: MotionBrief, told: labels.Labels, work: Work, scratch: Path) -> Path:
        """The recordings that the job was planned with. Raises: MediaError if they have changed."""
        options = self._easel.options
        files = recordings.listed(brief.data, told, options)
        if mark(files.items()) != brief.data_mark:
            raise MediaError(f"{brief.data}: the recordings have changed since the job was planned; submit it again")
        return recordings.fetched(
            brief.data, files, scratch, options, lambda count: work.pulse(f"fetching the recordings: {count:,}")
        )
