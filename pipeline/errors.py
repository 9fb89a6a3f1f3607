"""The one exception tree. Everything that Atelier raises on purpose is drawn here.

AtelierError
├── InputError               the user's to mend; never retried
│   ├── JobSpecError         the job file is wrong
│   ├── ConfigError          a setting is wrong or missing
│   ├── MediaError           a film, picture or sequence cannot be used
│   │   └── SourceMissing    it is not where it was said to be
│   ├── ModelError           a checkpoint cannot be used
│   ├── AccessDenied         a store refuses our credentials
│   ├── JobNotFound          no job of that name
│   └── Untimely             it could be done, but not as things are: the job has ended, or is still at work
├── TransientError           may succeed elsewhere or later; retried
│   ├── StorageUnavailable   a store does not answer, or answers with an error of its own
│   ├── StorageFull          no room is left where bytes should go
│   ├── QueueUnavailable     Redis does not answer
│   └── ServiceUnavailable   a server on the web that we ask or tell something does not answer, or fails
├── ObjectNotFound           no such key in a store
├── IntegrityError           bytes are not what their receipt says
└── Interrupted              a chunk stopped on purpose: nothing is wrong
    ├── LeaseLost            another worker holds the chunk now
    ├── JobHalted            the job was paused, cancelled or redone
    └── HandedBack           this worker is shutting down
"""


class AtelierError(Exception):
    """Anything that Atelier raises on purpose."""


class InputError(AtelierError):
    """Something the user can mend. Never retried. The message says what, where and what would be right."""


class JobSpecError(InputError):
    """A job file is wrong."""


class ConfigError(InputError):
    """A setting is wrong or missing."""


class MediaError(InputError):
    """A film, picture or sequence cannot be read or written as asked."""


class SourceMissing(MediaError):
    """A film, picture or sequence is not where it was said to be."""


class ModelError(InputError):
    """A model is unknown, or its checkpoint cannot be used."""


class AccessDenied(InputError):
    """A store refuses our credentials, or the file system our permissions."""


class JobNotFound(InputError):
    """No job of that name is known."""


class Untimely(InputError):
    """It could be done, but not as things are: the job has ended, or is still at work, or another one has its place."""


class TransientError(AtelierError):
    """May succeed elsewhere or later. Retried."""


class StorageUnavailable(TransientError):
    """A store does not answer, or answers with an error of its own."""


class StorageFull(TransientError):
    """No room is left where bytes should go."""


class QueueUnavailable(TransientError):
    """Redis does not answer."""


class ServiceUnavailable(TransientError):
    """A server on the web that we ask or tell something does not answer, or answers with an error of its own."""


class ObjectNotFound(AtelierError):
    """A store has no such key."""


class IntegrityError(AtelierError):
    """Stored bytes are not what their receipt says."""


class Interrupted(AtelierError):
    """A chunk stopped on purpose; nothing is wrong with it."""


class LeaseLost(Interrupted):
    """Another worker holds the chunk now."""


class JobHalted(Interrupted):
    """The job was paused, cancelled or redone while the chunk ran."""


class HandedBack(Interrupted):
    """This worker is shutting down and gives its chunk back."""
