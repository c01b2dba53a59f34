"""Errors are sentences with a status and a stable id: raised in the domain, rendered at the edge."""


class Problem(Exception):
    """Something a person can mend. `sentence` says what is wrong and what to do; it never holds personal data."""

    status = 400
    id = "bad-request"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Invalid(Problem):
    """What came in can't be read as what it should be."""

    status = 422
    id = "invalid"


class Unauthorised(Problem):
    """No token, or one that doesn't carry the scope."""

    status = 401
    id = "unauthorised"


class NotAllowed(Problem):
    """The request itself is refused: unsigned, foreign, or from another site."""

    status = 403
    id = "not-allowed"


class NotFound(Problem):
    """Absent, or not for this person: both look the same from outside."""

    status = 404
    id = "not-found"

    def __init__(self, sentence: str = "There is nothing here for you.") -> None:
        super().__init__(sentence)


class Conflict(Problem):
    """Somebody or something else was first."""

    status = 409
    id = "conflict"


class TooLarge(Problem):
    """The body is larger than anything that we take."""

    status = 413
    id = "too-large"


class WrongType(Problem):
    """The body is something else than JSON."""

    status = 415
    id = "wrong-type"


class TooMany(Problem):
    """Too many tries in too short a time."""

    status = 429
    id = "too-many"


class Unavailable(Problem):
    """Something that this needs does not answer now."""

    status = 503
    id = "unavailable"
