//! libFuzzer's program: `FUZZ_TARGET` names what is fuzzed.

#![no_main]

use std::sync::LazyLock;

use fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    Target::named(&name).unwrap_or_else(|| {
        eprintln!("FUZZ_TARGET: one of {}", Target::NAMES.join(", "));
        std::process::exit(2);
    })
});

fuzz_target!(|input: &[u8]| TARGET.run(input));
