//! The corpus in the tree, through every target, without a fuzzer.

use std::fs;
use std::path::Path;

use fuzz::Target;

#[test]
fn every_property_holds_over_the_committed_corpus() {
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
