"""What those who read files of the two formats ask of them: every field's type, those that must be there, no others.

Not made from our own files: Neuronpedia's follow from the columns of its tables (tests/postgres/columns.json) and from
which of them its import fills by no default; SAEDashboard's from what its converter reads.
"""

from typing import Any

from tests.postgres.database import ABOUT, LINES, TABLES

Schema = dict[str, Any]

ID: Schema = {"type": "string", "pattern": "^[a-zA-Z0-9-_]+$"}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}


def many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def thing(fields: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


# ---- Neuronpedia -----------------------------------------------------------------------------------------------------

#: Lists of a unit that are empty rather than absent.
LISTS = [
    *("neuron_alignment_indices", "neuron_alignment_values", "neuron_alignment_l1"),
    *("correlated_neurons_indices", "correlated_neurons_pearson", "correlated_neurons_l1"),
    *("correlated_features_indices", "correlated_features_pearson", "correlated_features_l1"),
    *("neg_str", "neg_values", "pos_str", "pos_values", "freq_hist_data_bar_values", "freq_hist_data_bar_heights"),
    *("logits_hist_data_bar_heights", "logits_hist_data_bar_values", "decoder_weights_dist", "vector"),
]
_ALSO = {
    "Neuron": [*LISTS, "topkCosSimIndices", "topkCosSimValues", "frac_nonzero", "hasVector"],
    "Activation": ["tokens", "values"],
}
_TYPES = {
    "text": TEXT,
    "boolean": {"type": "boolean"},
    "integer": WHOLE,
    "double precision": NUMBER,
    "timestamp": TEXT,
    "jsonb": {},
}
#: What a column may hold is more than what makes sense in it.
_CLOSER = {
    ("Model", "id"): ID,
    ("Model", "layers"): COUNT,
    ("Model", "neuronsPerLayer"): COUNT,
    ("Model", "owner"): {"type": "string", "minLength": 1},
    ("Source", "id"): {"type": "string", "pattern": "^[0-9]+-[a-zA-Z0-9-_]+$"},
    ("Neuron", "index"): {"type": "string", "pattern": "^[0-9]+$"},
    ("Neuron", "frac_nonzero"): SHARE,
    ("Activation", "id"): ID,
    ("Activation", "maxValueTokenIndex"): COUNT,
    ("Activation", "qualifyingTokenIndex"): COUNT,
}


def _column(table: str, name: str, column: Schema) -> Schema:
    if (table, name) in _CLOSER:
        return _CLOSER[table, name]
    base = _TYPES[column["type"].removesuffix("[]")]
    schema = many(base) if column["type"].endswith("[]") else base
    must = column["required"] or name in _ALSO.get(table, ())
    return schema if must else {"anyOf": [schema, {"type": "null"}]}


def _table(table: str) -> Schema:
    columns = TABLES[table]["columns"]
    required = [name for name, column in columns.items() if column["required"]]
    fields = {name: _column(table, name, column) for name, column in columns.items()}
    return thing(fields, [*required, *_ALSO.get(table, ())])


ROWS = {name: _table(table) for name, table in (ABOUT | LINES).items()}

# ---- SAEDashboard ----------------------------------------------------------------------------------------------------

_ACTIVATION = {
    "bin_min": NUMBER,
    "bin_max": NUMBER,
    "bin_contains": {"anyOf": [SHARE, {"const": -1}]},
    "tokens": many(TEXT),
    "values": many(NUMBER),
    "qualifying_token_index": COUNT,
}
_FEATURE = {
    **{name: ROWS["features"]["properties"][name] for name in [*LISTS, "frac_nonzero"]},
    "feature_index": COUNT,
    "n_prompts_total": COUNT,
    "n_tokens_in_prompt": COUNT,
    "dataset": TEXT,
    "activations": many(thing(_ACTIVATION, list(_ACTIVATION))),
}
_BATCH = {
    "model_id": TEXT,
    "layer": WHOLE,
    "sae_set": TEXT,
    "sae_id_suffix": {"type": ["string", "null"]},
    "features": many(thing(_FEATURE, list(_FEATURE))),
}
DASHBOARD = thing(_BATCH, list(_BATCH))
