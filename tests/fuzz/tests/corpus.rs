//! The corpus in the tree, through every target, without a fuzzer.

use std::fs;
use std::path::Path;

use fuzz::Target;

#[test]
fn holds_every_property_over_the_corpus_in_the_tree() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for name in Target::NAMES {
        let target = Target::named(name).unwrap();
        let inputs: Vec<_> = fs::read_dir(corpus.join(name)).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(!inputs.is_empty(), "no inputs for {name}");
        for input in inputs {
            println!("{}", input.display());
            target.run(&fs::read(&input).unwrap());
        }
    }
}
