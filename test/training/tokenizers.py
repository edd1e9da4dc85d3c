"""What Hugging Face's tokenizers learn from the same texts, and how they cut others: printed as JSON.

Asked on standard input with {"texts", "size", "others"}; `node test/training/make.ts` asks it.
"""
import json
import sys

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

asked = json.load(sys.stdin)
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
alphabet = pre_tokenizers.ByteLevel.alphabet()
trainer = trainers.BpeTrainer(vocab_size=asked["size"], initial_alphabet=alphabet, show_progress=False)
tokenizer.train_from_iterator(asked["texts"], trainer)
model = json.loads(tokenizer.to_str())["model"]
pairs = [[model["vocab"][part] for part in merge] for merge in model["merges"]]
others = [tokenizer.encode(text).ids for text in asked["others"]]
print(json.dumps({"tokenizers": tokenizers.__version__, "pairs": pairs, "others": others}, separators=(",", ":")))
