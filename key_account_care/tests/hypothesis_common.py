"""Tests with examples that hypothesis invents, where it is installed."""

from unittest import skipUnless
from unittest.mock import patch

try:
    import hypothesis
    from hypothesis import strategies
    from hypothesis.internal.constants_ast import Constants
except ImportError:
    hypothesis = strategies = None

needs_hypothesis = skipUnless(hypothesis, "hypothesis is not installed; requirements-test.txt names it")


def run_examples(play, *arguments, max_examples, known=(), shrink=True):
    """Call a method with the known examples, then with invented ones, which are the same in each run.

    :param arguments: a strategy for each argument of the method
    :param known: tuples of arguments
    :param shrink: whether a failing example is made shorter, which takes minutes where examples are long
    """
    phases = list(hypothesis.Phase) if shrink else [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    settings = hypothesis.settings(
        derandomize=True, database=None, deadline=None, max_examples=max_examples, phases=phases,
        suppress_health_check=list(hypothesis.HealthCheck))
    test = hypothesis.given(*arguments)(play)
    for example in known:
        test = hypothesis.example(*example)(test)
    # else the examples change with the constants in a thousand files of Odoo, which take seconds to read
    with patch('hypothesis.internal.conjecture.providers._get_local_constants', Constants, create=True):
        settings(test)()
