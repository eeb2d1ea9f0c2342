//! The public interface, as a snapshot: a change of it is seen in the review of the change.
//!
//! `UPDATE_API=1 cargo test -p whimbrel --test behaviour surface` writes it anew. It is made of what rustdoc says as JSON,
//! which the compiler offers under a switch only.

use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Documentation of one crate as JSON.
fn rustdoc_json(package: &str, features: &[&str]) -> PathBuf {
    // A folder of its own: the one of this build is in use.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("surface");
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["rustdoc", "--quiet", "--lib", "--package", package, "--no-default-features"])
        .args(["--features", &features.join(",")])
        .args(["--", "-Zunstable-options", "--output-format=json", "--cap-lints=allow"])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(ROOT);
    let output = command.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("doc").join(format!("{}.json", package.replace('-', "_")))
}

fn surface(package: &str, features: &[&str]) -> String {
    let json = rustdoc_json(package, features);
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_auto_trait_impls(true)
        .omit_blanket_impls(true)
        .build()
        .expect("a newer compiler's rustdoc needs a newer public-api");
    format!("{api}\n")
}

fn assert_current(name: &str, now: &str) {
    let path = Path::new(ROOT).join("docs/api").join(name);
    if std::env::var_os("UPDATE_API").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, now).unwrap();
        return;
    }
    let recorded = std::fs::read_to_string(&path).unwrap_or_default();
    let added: Vec<&str> = now.lines().filter(|l| !recorded.lines().any(|r| r == *l)).collect();
    let gone: Vec<&str> = recorded.lines().filter(|l| !now.lines().any(|n| n == *l)).collect();
    assert!(
        added.is_empty() && gone.is_empty(),
        "the public interface is not as {} says; `UPDATE_API=1` writes it anew\nadded: {added:#?}\ngone: {gone:#?}",
        path.display()
    );
}

#[test]
fn the_public_interface_is_as_recorded() {
    assert_current(
        "whimbrel.txt",
        &surface("whimbrel", &["node-runtime", "rustls-tls", "typescript"]),
    );
    // Most of what `whimbrel` gives is re-exported from there.
    assert_current("whimbrel-core.txt", &surface("whimbrel-core", &["rustls-tls"]));
}
