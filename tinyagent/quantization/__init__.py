"""Workshops that make the served model files: GGUF re-quantisation and the int8 ONNX embedder."""
