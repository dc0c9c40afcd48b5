"""The tree of errors, and how faults are told."""

from __future__ import annotations

import pytest

from geocluster import errors
from geocluster.errors import Fault, GeoclusterError, SchemaError


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.OptionError, ValueError),
        (errors.SchemaError, ValueError),
        (errors.ReadError, ValueError),
        (errors.MissingFileError, FileNotFoundError),
        (errors.WriteError, OSError),
        (errors.PackageDataError, RuntimeError),
        (errors.GraphSizeError, MemoryError),
    ],
)
def test_each_error_is_ours_and_the_builtin_one_expects(error: type[GeoclusterError], builtin: type[Exception]) -> None:
    assert issubclass(error, GeoclusterError)
    assert issubclass(error, builtin)
    with pytest.raises(builtin, match="what went wrong"):
        raise error("what went wrong")


def test_every_exception_of_the_module_is_in_the_tree() -> None:
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert {one.__name__ for one in classes if not issubclass(one, GeoclusterError)} == {"GeoclusterWarning"}


def test_a_missing_file_keeps_its_words() -> None:
    assert str(errors.MissingFileError("there is no file x.csv.")) == "there is no file x.csv."
    assert str(errors.WriteError("out is a file.")) == "out is a file."


def test_a_fault_says_where_what_and_how_to_mend_it() -> None:
    assert str(Fault("lon", "it is 200.", "Use degrees.")) == "lon: it is 200. Use degrees."
    assert str(Fault("lon", "it is 200.", "")) == "lon: it is 200."


def test_a_schema_error_counts_its_faults_and_tells_each() -> None:
    one, two = Fault("a", "x.", "y."), Fault("b", "x.", "y.")
    assert str(SchemaError("bad", [one])).splitlines() == ["bad: 1 fault", "  a: x. y."]
    assert str(SchemaError("bad", [one, two])).splitlines()[0] == "bad: 2 faults"
    assert SchemaError("bad", [one, two]).faults == (one, two)
    assert str(SchemaError("bad")) == "bad"
