//! The emulator as an HTTP server.
fn main() {}
