"""What files of the two formats look like: every field's type, those that must be there, and no others."""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TEXTS: Schema = {"type": "array", "items": TEXT}
NUMBERS: Schema = {"type": "array", "items": NUMBER}
INDICES: Schema = {"type": "array", "items": COUNT}


def thing(fields: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


_STATISTICS: Schema = {
    **{
        f"{name}_{part}": INDICES if part == "indices" else NUMBERS
        for name, parts in {
            "neuron_alignment": ("indices", "values", "l1"),
            "correlated_neurons": ("indices", "l1", "pearson"),
            "correlated_features": ("indices", "l1", "pearson"),
        }.items()
        for part in parts
    },
    "neg_str": TEXTS,
    "neg_values": NUMBERS,
    "pos_str": TEXTS,
    "pos_values": NUMBERS,
    "frac_nonzero": {"type": "number", "minimum": 0, "maximum": 1},
    "freq_hist_data_bar_values": NUMBERS,
    "freq_hist_data_bar_heights": {"type": "array", "items": {"type": "number", "minimum": 0}},
    "logits_hist_data_bar_heights": NUMBERS,
    "logits_hist_data_bar_values": NUMBERS,
    "decoder_weights_dist": NUMBERS,
    "vector": NUMBERS,
}

_DASHBOARD_ACTIVATION = thing(
    {
        "bin_min": NUMBER,
        "bin_max": NUMBER,
        "bin_contains": NUMBER,
        "tokens": TEXTS,
        "values": NUMBERS,
        "qualifying_token_index": COUNT,
    },
    ["bin_min", "bin_max", "tokens", "values", "qualifying_token_index"],
)

DASHBOARD = thing(
    {
        "model_id": TEXT,
        "layer": {"type": "integer"},
        "sae_set": TEXT,
        "sae_id_suffix": {"type": ["string", "null"]},
        "features": {
            "type": "array",
            "items": thing(
                {
                    **_STATISTICS,
                    "feature_index": COUNT,
                    "n_prompts_total": COUNT,
                    "n_tokens_in_prompt": COUNT,
                    "dataset": TEXT,
                    "activations": {"type": "array", "items": _DASHBOARD_ACTIVATION},
                },
                ["feature_index", "activations"],
            ),
        },
    },
    ["model_id", "layer", "sae_set", "features"],
)

_PLACE: Schema = {"modelId": TEXT, "layer": TEXT, "index": {"type": "string", "pattern": "^[0-9]+$"}}

FEATURE = thing(
    {
        **_PLACE,
        **_STATISTICS,
        "creatorId": TEXT,
        "createdAt": TEXT,
        "maxActApprox": NUMBER,
        "hasVector": {"type": "boolean"},
        "vectorLabel": TEXT,
        "vectorDefaultSteerStrength": NUMBER,
        "hookName": TEXT,
        "topkCosSimIndices": INDICES,
        "topkCosSimValues": NUMBERS,
        "sourceSetName": TEXT,
    },
    list(_PLACE),
)

ACTIVATION = thing(
    {
        **_PLACE,
        "id": TEXT,
        "tokens": TEXTS,
        "values": NUMBERS,
        "maxValue": NUMBER,
        "maxValueTokenIndex": COUNT,
        "minValue": NUMBER,
        "creatorId": TEXT,
        "createdAt": TEXT,
        "dataSource": TEXT,
        "dataIndex": TEXT,
        "binMin": NUMBER,
        "binMax": NUMBER,
        "binContains": NUMBER,
        "qualifyingTokenIndex": COUNT,
    },
    [*_PLACE, "tokens", "values", "maxValue", "maxValueTokenIndex", "minValue"],
)

ABOUT = {
    "release": thing({"name": TEXT}, ["name"]),
    "model": thing({"id": TEXT}, ["id"]),
    "sourceset": thing({"modelId": TEXT, "name": TEXT}, ["modelId", "name"]),
    "source": thing({"id": TEXT, "modelId": TEXT, "setName": TEXT}, ["id", "modelId", "setName"]),
}
