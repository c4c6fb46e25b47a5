#!/usr/bin/env python3
"""Vectors of the shipped multilingual encoder by PyTorch and transformers, for `tests/reference.rs`.

    python3 -m venv V && V/bin/pip install torch transformers safetensors tokenizers numpy
    V/bin/python crates/cbp-infer/tests/data/reference_vectors.py > crates/cbp-infer/tests/data/reference_vectors.json

The weights are the files of models/cbp-e5, expanded here on their own; the model, the pooling and the
tokenizer's binding are the framework's. Vectors are of unit length, without centring, rounded to six decimals.
"""
import gzip, json, pathlib, sys
import numpy as np, torch, transformers
from safetensors.numpy import load_file
from tokenizers import Tokenizer

MODEL = pathlib.Path(__file__).resolve().parents[4] / "models/cbp-e5"
TEXTS = [
    "Scrutinise tender documents and prepare the comparative statement of bids",
    "Maintain the cash book",
    "निविदा दस्तावेजों की जांच करना और तुलनात्मक विवरण तैयार करना",
    "क्षेत्र में चल रहे कार्यों का निरीक्षण",
    "ক্যাশ বই রক্ষণাবেক্ষণ",
    "கணக்கு புத்தகத்தை பராமரித்தல்",
    "Disburse scholarships (छात्रवृत्ति) to students; verify income and caste certificates before 31/03.",
    "The officer inspects roads, bridges and buildings of the block, reports defects to the executive engineer, "
    "measures works before payment, keeps the register of contractors and answers audit within a month.",
]


def expand(tensor):
    """ggml q4_0 blocks of [rows, blocks, 18] bytes to floats."""
    if tensor.dtype != np.uint8:
        return tensor.astype(np.float32)
    scale = tensor[:, :, :2].copy().view(np.float16).astype(np.float32)
    codes = tensor[:, :, 2:]
    both = np.concatenate([codes & 15, codes >> 4], axis=2).astype(np.float32) - 8
    return (both * scale).reshape(tensor.shape[0], -1)


config = json.load(open(MODEL / "config.json"))
model = transformers.BertModel(transformers.BertConfig(**config), add_pooling_layer=False).eval()
state = {name: torch.from_numpy(expand(t)) for name, t in load_file(MODEL / "model.safetensors").items()}
missing, unexpected = model.load_state_dict(state, strict=False)
assert not unexpected and all("position_ids" in name for name in missing), (missing, unexpected)
tokenizer = Tokenizer.from_str(gzip.open(MODEL / "tokenizer.json.gz", "rt").read())
rows = []
for text in TEXTS:
    ids = torch.tensor([tokenizer.encode("query: " + text).ids])
    with torch.no_grad():
        mean = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0].mean(0)
    rows.append({"text": text, "vector": [round(float(x), 6) for x in mean / mean.norm()]})
print(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}), file=sys.stderr)
print("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]")
