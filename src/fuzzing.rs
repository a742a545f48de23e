//! What must hold for bytes of strangers, whatever they are: each function takes any bytes and panics when a promise is
//! broken.
//!
//! A room keeps its own promises in a file `fuzzing` of its own. `make fuzz` runs them for as long as one likes, with
//! inputs that find their way through the code (`fuzz/`); the tests below run them for a moment, from the same seeds. An
//! input that broke a promise once lies beside the seeds, so that both try it first.

pub use crate::{
    oidc::fuzzing::{answers, tokens},
    proxy::{
        client_files::fuzzing::archives,
        fuzzing::{clipboard, frames, handshakes, heads, input, paths},
    },
    runtime::docker::fuzzing::last_words,
    sessions::fuzzing::credentials,
    sign_in::fuzzing::addresses,
    web::fuzzing::requests,
};

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use proptest::{collection::vec, prelude::*, sample::Index};

    /// What was written down for a target: where chance begins.
    fn seeds(target: &str) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
        let mut files: Vec<_> = fs::read_dir(folder.join(target))
            .unwrap_or_else(|error| panic!("fuzz/seeds/{target}: {error}"))
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty());
        files.iter().map(|file| fs::read(file).unwrap()).collect()
    }

    /// A change of a seed: how, where, and with what.
    type Change = (u8, Index, Index, Vec<u8>);

    fn changes() -> impl Strategy<Value = (Index, Vec<Change>)> {
        let change = (
            0_u8..5,
            any::<Index>(),
            any::<Index>(),
            vec(any::<u8>(), 0..6),
        );
        (any::<Index>(), vec(change, 0..8))
    }

    fn changed(seeds: &[Vec<u8>], (seed, changes): &(Index, Vec<Change>)) -> Vec<u8> {
        let mut bytes = seed.get(seeds).clone();
        for (how, one, two, new) in changes {
            let (one, two) = (one.index(bytes.len() + 1), two.index(bytes.len() + 1));
            let range = one.min(two)..one.max(two);
            match how {
                0 => bytes.truncate(range.end),
                1 => drop(bytes.drain(range)),
                2 => bytes.extend_from_within(range),
                3 => {
                    let old = range.start..(range.start + new.len()).min(bytes.len());
                    bytes.splice(old, new.iter().copied()).for_each(drop);
                }
                _ => bytes.splice(one..one, new.iter().copied()).for_each(drop),
            }
        }
        bytes
    }

    /// Seeds as they are, then changed by chance, then nothing but chance.
    fn run(target: &str, promise: fn(&[u8])) {
        let seeds = seeds(target);
        for seed in &seeds {
            promise(seed);
        }
        let cases = ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(300)
        };
        proptest!(cases, |(change in changes(), bytes in vec(any::<u8>(), 0..600))| {
            promise(&changed(&seeds, &change));
            promise(&bytes);
        });
    }

    macro_rules! targets {
        ($($target:ident)*) => {
            $(#[test]
            fn $target() {
                run(stringify!($target), super::$target);
            })*

            /// Every promise is one of `make fuzz`, too, and the other way round.
            #[test]
            fn every_promise_has_a_target() {
                let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
                let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
                let mut named: Vec<_> = vec![$(stringify!($target)),*];
                for target in &named {
                    let code = fs::read_to_string(root.join(format!("fuzz_targets/{target}.rs"))).unwrap();
                    assert!(code.contains(&format!("deskcast::fuzzing::{target}(")), "{target}");
                    assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
                }
                named.push("gateway");
                let files = fs::read_dir(root.join("fuzz_targets")).unwrap();
                assert_eq!(files.count(), named.len());
                assert_eq!(manifest.matches("[[bin]]").count(), named.len());
            }
        };
    }

    targets! {
        addresses answers archives clipboard credentials frames handshakes heads input last_words paths requests tokens
    }
}
