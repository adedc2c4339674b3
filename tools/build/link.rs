//! How the module is linked.

#![expect(clippy::print_stdout, reason = "how a build script speaks")]

/// The module's stack in bytes. No call goes deep, and a megabyte, which is the linker's default,
/// would be a page's memory for nothing.
const STACK: u32 = 128 << 10;

fn main() {
    println!("cargo::rerun-if-changed=tools/build/link.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|architecture| architecture == "wasm32") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK}");
    }
}
