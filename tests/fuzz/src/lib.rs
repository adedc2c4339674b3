//! What is fuzzed: every reader of values from the page, the service or a stored snapshot, and the state machine.
//!
//! No input may make a reader panic or overflow, or lead to a URL that is not http(s) or to output that contains
//! the key. The same targets run under libFuzzer (`npm run fuzz`) and, over the corpus in the
//! tree, in `cargo test`.

mod calls;
mod checks;
mod endpoints;
mod foreign;
mod headers;
mod options;
mod replies;
mod shapes;
mod snapshots;

/// Something that is fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target(fn(&[u8]));

impl Target {
    /// The names, as `--target` and the folders of the corpus spell them.
    pub const NAMES: [&str; 6] = ["reply", "call", "snapshot", "options", "endpoint", "headers"];

    /// The target of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(Self(match name {
            "reply" => replies::run,
            "call" => calls::run,
            "snapshot" => snapshots::run,
            "options" => options::run,
            "endpoint" => endpoints::run,
            "headers" => headers::run,
            _ => return None,
        }))
    }

    /// Tries one input; panics if a property does not hold.
    pub fn run(self, input: &[u8]) {
        (self.0)(input);
    }
}
