#!/usr/bin/env python3
"""cbp's encoder beside onnxruntime, sentence-transformers and candle: the same weights, sentences and threads, one run.

    benches/peers/embed.py MODEL_DIR [--work DIR] [--threads 2] [--count 256] [--without-torch] [--without-candle]

MODEL_DIR is a BERT model with plain f32 weights (`cbp model import models/recipes/all-minilm-l6-v2/recipe.json
--packages ... -o DIR`). A virtual environment with the peers is made in --work. The ONNX graph is written here from
the safetensors file, once with plain operators, which onnxruntime fuses as it can, and once with its own fused
attention, layer norm and GELU; the better of the two counts, at its best batch size. candle's models run inside our own
program (feature `candle`). sentence-transformers brings torch, a download of some gigabytes: `--without-torch` leaves it.

How it can mislead: rates of a shared machine vary by a tenth, ratios of one run less; onnxruntime is given token ids,
padded and sorted, for nothing, while the time of cbp, candle and sentence-transformers includes the text's way to ids.
The share is of fused multiply-adds in registers, measured in the same process; the integer engine has another limit.
"""
import argparse, gzip, json, os, pathlib, random, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
NEEDS = ["numpy", "onnx", "onnxruntime", "safetensors", "tokenizers"]
WORDS = ("the officer shall scrutinise tender documents and prepare comparative statement of bids for approval by "
         "competent authority maintain registers cash book stock ledger inspect works field visits report progress "
         "monthly district block village panchayat scheme beneficiaries training capacity building audit accounts "
         "budget estimates procurement contract payment salary pension establishment correspondence parliament "
         "questions legal cases policy planning monitoring evaluation data entry website grievance redressal").split()


def sentences(mixed, tokens, count):
    """Made-up office English: `tokens` tokens each, or lengths around a mean of 21 if mixed."""
    rng = random.Random(7)
    made = []
    while len(made) < count:
        want = min(120, max(4, int(rng.lognormvariate(2.85, 0.62)))) if mixed else 32
        words = []
        while tokens(" ".join(words)) < want:
            words.append(rng.choice(WORDS))
        while tokens(" ".join(words)) > want and len(words) > 1:
            words.pop()
        if mixed or tokens(" ".join(words)) == want:
            made.append(" ".join(words))
    return made


def graph(folder, fused):
    import numpy as np, onnx
    from onnx import helper as h, numpy_helper, TensorProto as T
    from safetensors.numpy import load_file
    config = json.load(open(folder / "config.json"))
    w = {k.removeprefix("bert."): v.astype(np.float32) for k, v in load_file(folder / "model.safetensors").items() if "position_ids" not in k}
    heads, hidden, eps = config["num_attention_heads"], config["hidden_size"], config["layer_norm_eps"]
    nodes, inits, n = [], {}, [0]

    def const(value):
        name = f"c{len(inits)}"
        inits[name] = np.ascontiguousarray(value)
        return name

    def op(kind, *inputs, domain="", outputs=1, **attributes):
        n[0] += 1
        outs = [f"t{n[0]}_{i}" for i in range(outputs)]
        nodes.append(h.make_node(kind, list(inputs), outs, domain=domain, **attributes))
        return outs[0]

    def linear(x, name):
        return op("Add", op("MatMul", x, const(w[name + ".weight"].T)), const(w[name + ".bias"]))

    def norm(x, name):
        return op("LayerNormalization", x, const(w[name + ".weight"]), const(w[name + ".bias"]), axis=-1, epsilon=eps)

    def skip(x, y, name, bias):
        g, b = const(w[name + ".weight"]), const(w[name + ".bias"])
        return op("SkipLayerNormalization", x, y, g, b, const(w[bias + ".bias"]), domain="com.microsoft", epsilon=eps)

    words = op("Gather", const(w["embeddings.word_embeddings.weight"]), "input_ids")
    places = op("Gather", const(w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0]), "position_ids")
    x = norm(op("Add", words, places), "embeddings.LayerNorm")
    if not fused:
        mask = op("Mul", op("Sub", const(np.float32(1)), op("Unsqueeze", op("Cast", "attention_mask", to=T.FLOAT), const(np.array([1, 2], np.int64)))), const(np.float32(-1e4)))
    else:
        mask = op("Cast", "attention_mask", to=T.INT32)
    for i in range(config["num_hidden_layers"]):
        l = f"encoder.layer.{i}."
        a = l + "attention.self."
        if fused:
            weights = np.concatenate([w[f"{a}{p}.weight"].T for p in ("query", "key", "value")], 1)
            bias = np.concatenate([w[f"{a}{p}.bias"] for p in ("query", "key", "value")])
            y = op("Attention", x, const(weights), const(bias), mask, domain="com.microsoft", num_heads=heads)
            y = op("MatMul", y, const(w[l + "attention.output.dense.weight"].T))
            x = skip(x, y, l + "attention.output.LayerNorm", l + "attention.output.dense")
            y = op("MatMul", x, const(w[l + "intermediate.dense.weight"].T))
            y = op("BiasGelu", y, const(w[l + "intermediate.dense.bias"]), domain="com.microsoft")
            y = op("MatMul", y, const(w[l + "output.dense.weight"].T))
            x = skip(x, y, l + "output.LayerNorm", l + "output.dense")
            continue
        split = const(np.array([0, 0, heads, hidden // heads], np.int64))
        part = lambda p, perm: op("Transpose", op("Reshape", linear(x, a + p), split), perm=perm)
        s = op("MatMul", part("query", [0, 2, 1, 3]), part("key", [0, 2, 3, 1]))
        s = op("Div", s, const(np.float32((hidden // heads) ** 0.5)))
        s = op("Softmax", op("Add", s, mask), axis=-1)
        y = op("Transpose", op("MatMul", s, part("value", [0, 2, 1, 3])), perm=[0, 2, 1, 3])
        y = linear(op("Reshape", y, const(np.array([0, 0, hidden], np.int64))), l + "attention.output.dense")
        x = norm(op("Add", y, x), l + "attention.output.LayerNorm")
        y = linear(x, l + "intermediate.dense")
        y = op("Mul", op("Mul", y, op("Add", op("Erf", op("Div", y, const(np.float32(2 ** 0.5)))), const(np.float32(1)))), const(np.float32(0.5)))
        x = norm(op("Add", linear(y, l + "output.dense"), x), l + "output.LayerNorm")
    nodes[-1].output[0] = "last"
    inputs = [h.make_tensor_value_info(name, T.INT64, ["b", "t"]) for name in ("input_ids", "position_ids", "attention_mask")]
    g = h.make_graph(nodes, "bert", inputs, [h.make_tensor_value_info("last", T.FLOAT, ["b", "t", hidden])],
                     [numpy_helper.from_array(v, k) for k, v in inits.items()])
    return h.make_model(g, opset_imports=[h.make_opsetid("", 17), h.make_opsetid("com.microsoft", 1)], ir_version=8)


def ort_rate(path, threads, batches, seconds=4.0):
    """Sentences a second (the best pass of several) and the pooled unit vectors of the last."""
    import numpy as np, onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    best, begun, out = float("inf"), time.perf_counter(), []
    names = {i.name for i in session.get_inputs()}
    while time.perf_counter() - begun < seconds or not out:
        start, out = time.perf_counter(), []
        for ids, mask in batches:
            places = np.broadcast_to(np.arange(ids.shape[1], dtype=np.int64), ids.shape)
            feed = {"input_ids": ids, "position_ids": places, "attention_mask": mask}
            last = session.run(None, {k: v for k, v in feed.items() if k in names})[0]
            pooled = (last * mask[:, :, None]).sum(1)
            out.append(pooled / np.linalg.norm(pooled, axis=1, keepdims=True))
        best = min(best, time.perf_counter() - start)
    return sum(len(ids) for ids, _ in batches) / best, np.concatenate(out)


def torch_rate(model, tokenizer, work, threads, texts, seconds=3.0):
    """Sentences a second of sentence-transformers, which sorts by length itself, and its unit vectors."""
    import torch
    from sentence_transformers import SentenceTransformer
    torch.set_num_threads(threads)
    folder = work / "sentence-transformers"
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    config = json.load(open(model / "config.json"))
    for name in ("config.json", "model.safetensors"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to((model / name).resolve())
    tokenizer.save(str(folder / "tokenizer.json"))
    kind = {"tokenizer_class": "BertTokenizerFast", "model_max_length": 512}
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
               {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
    pooling = {"word_embedding_dimension": config["hidden_size"], "pooling_mode_mean_tokens": True}
    for name, value in (("tokenizer_config.json", kind), ("modules.json", modules), ("1_Pooling/config.json", pooling)):
        (folder / name).write_text(json.dumps(value))
    encoder = SentenceTransformer(str(folder), device="cpu")
    best, begun, out = float("inf"), time.perf_counter(), None
    while time.perf_counter() - begun < seconds or out is None:
        start = time.perf_counter()
        out = encoder.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        best = min(best, time.perf_counter() - start)
    return len(texts) / best, out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/cbp-peers"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--count", type=int, default=256)
    parser.add_argument("--without-torch", action="store_true")
    parser.add_argument("--without-candle", action="store_true")
    args = parser.parse_args()
    python = args.work / "venv/bin/python"
    if pathlib.Path(sys.prefix).resolve() != (args.work / "venv").resolve():
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", args.work / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *NEEDS, *([] if args.without_torch else ["sentence-transformers"])], check=True)
        os.execv(python, [str(python), *sys.argv])
    import numpy as np, onnx
    from tokenizers import Tokenizer
    features = [] if args.without_candle else ["--features", "candle"]
    build = ["cargo", "build", "--release", "-q", "-p", "cbp-benches", "--bin", "embed_peer", *features]
    subprocess.run(build, cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    plain, packed = args.model / "tokenizer.json", args.model / "tokenizer.json.gz"
    tokenizer = Tokenizer.from_str(plain.read_text() if plain.exists() else gzip.open(packed, "rt").read())
    tokenizer.no_padding(); tokenizer.no_truncation()
    tokens = lambda text: len(tokenizer.encode(text).ids)
    graphs = {}
    for fused in (False, True):
        path = args.work / f"{'fused' if fused else 'plain'}.onnx"
        onnx.save(graph(args.model, fused), path)
        graphs["fused" if fused else "plain"] = path
    from onnxruntime.quantization import QuantType, quantize_dynamic
    quantised = args.work / "int8.onnx"
    quantize_dynamic(graphs["fused"], quantised, weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT})
    for mixed in (False, True):
        texts = sentences(mixed, tokens, args.count)
        file, vectors = args.work / "texts.txt", args.work / "vectors.f32"
        file.write_text("\n".join(texts) + "\n")
        encoded = [tokenizer.encode(text).ids for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        ids = [encoded[i] for i in order]
        rates = {}
        for name, path in [*graphs.items(), ("int8", quantised)]:
            for size in (4, 8, 16, 32):
                batches = []
                for at in range(0, len(ids), size):
                    part = ids[at:at + size]
                    longest = max(map(len, part))
                    batches.append((np.array([p + [0] * (longest - len(p)) for p in part], np.int64),
                                    np.array([[1] * len(p) + [0] * (longest - len(p)) for p in part], np.int64)))
                rate, out = ort_rate(path, args.threads, batches, 2.0)
                if rate > rates.get(name, (0,))[0]:
                    rates[name] = (rate, size, out)
        def ours(engine):
            told = subprocess.run([target / "release/embed_peer", args.model, file, str(args.threads), engine, vectors],
                                  check=True, capture_output=True, text=True).stdout
            return json.loads(told), np.fromfile(vectors, np.float32).reshape(len(texts), -1)

        (packed, exact), (int8, rounded) = ours("packed"), ours("int8")
        mean = sum(map(len, ids)) / len(ids)
        print(f"{'mixed lengths' if mixed else 'one length'}, mean {mean:.1f} tokens, {args.threads} threads")
        print(f"  cbp f32 {packed['rate']:.1f}/s, {packed['share']:.3f} of the multiply-add limit; "
              f"{packed['first_vector_ms']:.0f} ms "
              f"({packed['first_vector_cpu_ms']} of processor) to the first vector, {packed['resident_mb']} MB by then")
        off = float((exact * rounded).sum(1).mean())
        print(f"  cbp int8 {int8['rate']:.1f}/s, mean cosine with f32 {off:.6f}; {int8['resident_mb']} MB at the first vector")

        def tell(name, rate, out, mine, note=""):
            cosine = float((exact * out).sum(1).mean())
            print(f"  {name:28s} {rate:8.1f}/s  cbp is {mine['rate'] / rate:.2f}x  mean cosine with cbp f32 {cosine:.6f}{note}")

        for name, (rate, size, out) in rates.items():
            back = np.empty_like(out)
            back[order] = out
            tell(f"onnxruntime {name}", rate, back, int8 if name == "int8" else packed, f"  batch {size}")
        for engine in [] if args.without_candle else ["candle", "candle-unsorted"]:
            theirs, out = ours(engine)
            tell(engine, theirs["rate"], out, packed)
        if not args.without_torch:
            rate, out = torch_rate(args.model, tokenizer, args.work, args.threads, texts)
            tell("sentence-transformers", rate, out, packed)


main()
