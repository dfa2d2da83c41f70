//! A session on disk: safetensors with the run in its metadata, written whole or not at all.
