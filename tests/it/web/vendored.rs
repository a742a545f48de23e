//! Files of other people are in the binary as their makers published them.

use std::{collections::BTreeMap, fs, path::Path};

use sha2::{Digest, Sha256};

/// npm package altcha 3.2.2; `static/vendor/README.txt` says which file is which.
const ALTCHA: [(&str, &str); 4] = [
    (
        "LICENSE.txt",
        "bee1fb9d9c97d42c12c22332c5250f2fb1ef5c2321f6f82beb23e3b77be50a29",
    ),
    (
        "altcha.css",
        "03622256effb4e962d0c1da9a59684cf237f541f290703934c07a97dabcbad47",
    ),
    (
        "altcha.min.js",
        "959494398e8fcde3414d09309ade24b444ede098b04dec1514f4754279bff031",
    ),
    (
        "pbkdf2.js",
        "7862add9c9d3d847ded3da928edcf406b46478754b9883351111414825b9c86f",
    ),
];

#[test]
fn nobody_changed_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/vendor");
    let found: BTreeMap<_, _> = fs::read_dir(folder.join("altcha"))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let sum = hex::encode(Sha256::digest(fs::read(entry.path()).unwrap()));
            (entry.file_name().into_string().unwrap(), sum)
        })
        .collect();
    let published = ALTCHA.map(|(name, sum)| (name.to_owned(), sum.to_owned()));
    assert_eq!(found, BTreeMap::from(published));
    let folders: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name != "README.txt")
        .collect();
    assert_eq!(folders, ["altcha"], "each has its own sums here");
}
