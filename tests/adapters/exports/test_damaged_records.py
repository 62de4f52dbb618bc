"""Whatever a record looks like: its attributes, claims and exports are given, valid and whole."""

import json
from random import Random

import pytest

from cloudledger.adapters import attributes_of, conflicts_of, to_ecs, to_ocsf
from cloudledger.adapters.exports.json_lines import encode
from tests.adapters.exports.ocsf_rules import broken_rules
from tests.adapters.native_records import EXAMPLES
from tests.adapters.parsed import batch_of_records
from tests.adapters.test_parser_fuzz import _damaged, _mutants, _paths
from tests.adapters.test_vocabulary import missing_values
from tests.adapters.vocabulary import wrong_types


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_damaged_record_is_exported_whole_and_valid(name: str) -> None:
    body = EXAMPLES[name]
    mutants: list[bytes | str] = [_damaged(body.encode(), Random(seed)) for seed in range(12)]
    if body.startswith("{"):
        record = json.loads(body)
        mutants += [json.dumps(mutant) for path in _paths(record) for mutant in _mutants(record, path)][::23]

    for event in batch_of_records(*mutants):
        assert isinstance(conflicts_of(event), tuple)
        assert wrong_types(attributes_of(event)) == []
        assert missing_values(event) == []
        assert json.loads(encode(to_ecs(event)))["ecs"]
        assert broken_rules(json.loads(encode(to_ocsf(event)))) == []
