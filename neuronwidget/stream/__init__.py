"""Transport between page and kernel: messages, newest request first, frames of bytes; no torch, no widgets."""
