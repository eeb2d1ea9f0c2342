//! Tells cargo that the program depends on the folder: files that are added are compiled in as well.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
