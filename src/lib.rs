//! The WebAssembly module of `stable-audio-client`.
