"""Quantiles of many groups: the same bits as numpy's, one by one."""

import numpy as np
import pytest

from cloudledger.projections.dependencies.quantile_places import quantiles


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 1.0])
def test_each_group_has_the_quantile_that_numpy_gives_it(share: float) -> None:
    random = np.random.default_rng(3)
    groups = [np.sort(random.exponential(1e6, count)) for count in random.integers(1, 60, 200)]
    counts = np.array([len(one) for one in groups])

    found = quantiles(np.concatenate(groups), np.cumsum(counts) - counts, counts, share)

    assert found.tolist() == [float(np.quantile(one, share)) for one in groups]
