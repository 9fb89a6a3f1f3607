"""Mixed styles."""

from __future__ import annotations

import pytest
import torch

from pipeline.errors import ConfigError
from pipeline.portraits.mixing import mixed, table

ROWS, COLUMNS = torch.randn(2, 6, 4), torch.randn(3, 6, 4)


def test_layers_come_from_the_column_and_all_others_from_the_row() -> None:
    styles = mixed(ROWS, COLUMNS[:2], [0, 1, 4])
    assert torch.equal(styles[:, [0, 1, 4]], COLUMNS[:2, [0, 1, 4]])
    assert torch.equal(styles[:, [2, 3, 5]], ROWS[:, [2, 3, 5]])


def test_a_table_mixes_every_row_with_every_column() -> None:
    found = table(ROWS, COLUMNS, [2])
    assert found.shape == (2, 3, 6, 4)
    for row in range(2):
        for column in range(3):
            assert torch.equal(found[row, column], mixed(ROWS[[row]], COLUMNS[[column]], [2])[0])


@pytest.mark.parametrize(("layers", "said"), [([], "at least one"), ([6], "no layer 6"), ([-1], "no layer -1")])
def test_layers_that_the_network_lacks_are_refused(layers: list[int], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        mixed(ROWS, COLUMNS[:2], layers)
