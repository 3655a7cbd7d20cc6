"""The faults that the product can meet, one class per kind of fault.

Every message is one line that says what is wrong and where. `dashboard` maps each class to a status code
and a panel; the command line prints the message and exits with 1.
"""


class QuanxiangError(Exception):
    """Base of every fault that a person should read about in one line.

    Parameters
    ----------
    message : the line, in English, as the interface and the command line give it.
    why : machine word of the reason, so that a page can say it in its own language; '' when there is none.
    values : what that sentence needs.
    """

    def __init__(self, message: str = "", why: str = "", **values: str) -> None:
        super().__init__(message)
        self.why = why
        self.values = values


class InputFault(QuanxiangError):
    """The data or the arguments given are wrong; the message says which row or field."""


class CodeFault(InputFault):
    """A string is not a well-formed area code."""


class GeometryFault(InputFault):
    """A geometry is missing, invalid beyond repair, or of the wrong kind."""


class CrsFault(InputFault):
    """The coordinate system is missing, unknown, or does not fit the data."""


class ContractFault(InputFault):
    """A frame does not have the columns, types or key that its contract asks for."""


class AreaNotFound(QuanxiangError):
    """No area carries this code today."""


class CaseNotFound(QuanxiangError):
    """No case carries this number."""


class ScenarioNotFound(QuanxiangError):
    """No scenario carries this number."""


class MoveRefused(QuanxiangError):
    """A case may not go from its stage to the one asked for."""


class DatabaseUnavailable(QuanxiangError):
    """The database cannot be reached or lacks what the product needs."""


class QueryTooSlow(DatabaseUnavailable):
    """A statement ran longer than its request allows."""


class SetupFault(QuanxiangError):
    """The machine lacks something; the message says what to install."""
