//! Files that macros put into the binary: a new one must be noticed, not only a changed one.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=static");
}
