//! Damaged source files for the loader: whatever stands in a file, loading it ends, and only the migration
//! fails. Not part of an ordinary run:
//! `FUZZ_SECONDS=600 cargo test -p whimbrel-script --release --test fuzz -- --ignored`.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use whimbrel_core::body::BodyLoader;
use whimbrel_core::file_name::MigrationId;
use whimbrel_core::gate::{Gate, StopReason, StopSignal};
use whimbrel_script::{Limits, ScriptLoader, ScriptOptions};

const EXTENSIONS: [&str; 6] = ["js", "mjs", "cjs", "ts", "mts", "cts"];
const PIECES: [&str; 34] = [
    "import x from './lib.js';",
    "import * as y from \"./lib.ts\";",
    "export ",
    "export default ",
    "export = ",
    "await ",
    "require('./lib.cjs')",
    "module.exports = ",
    "import('./lib.js')",
    "async function* g() {}",
    "class A { #p = 1; static {} }",
    "enum E { A = 1 << 2 }",
    "namespace N { export const a = 1 }",
    "type T<X> = X extends infer Y ? Y : never;",
    "@deco ",
    "`${",
    "/*",
    "//",
    "<T>",
    "=>",
    "?.",
    "??=",
    "...",
    "/(?:a|b)+/gu",
    "'\\u{1F600}'",
    "0x",
    "1_000n",
    "#!",
    "\u{feff}",
    "\u{2028}",
    "\0",
    "import json from './lib.json' with { type: 'json' };",
    "for await (const a of ",
    "while (true) {",
];

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("node_modules") {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| EXTENSIONS.iter().any(|known| e == *known)) {
            found.extend(std::fs::read_to_string(path));
        }
    }
}

fn cut(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn damaged(rng: &mut StdRng, corpus: &[String]) -> String {
    let mut text = corpus.choose(rng).cloned().unwrap_or_default();
    for _ in 0..rng.random_range(0..6) {
        let at = cut(&text, rng.random_range(0..=text.len()));
        let end = cut(&text, at + rng.random_range(0..40));
        match rng.random_range(0..5) {
            0 => text.replace_range(at..end.max(at), ""),
            1 => text.insert_str(at, PIECES.choose(rng).unwrap()),
            2 => text.insert(at, char::from(rng.random_range(0..128u8))),
            3 => {
                let other = corpus.choose(rng).unwrap();
                let from = cut(other, rng.random_range(0..=other.len()));
                text.insert_str(at, &other[from..cut(other, from + 200)]);
            }
            _ => text.truncate(at),
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes as long as FUZZ_SECONDS says"]
async fn damaged_files_fail_alone() {
    let seconds: u64 = std::env::var("FUZZ_SECONDS").map_or(20, |text| text.parse().unwrap());
    let seed: u64 =
        std::env::var("FUZZ_SEED").map_or_else(|_| rand::random(), |text| text.parse().unwrap());
    println!("FUZZ_SEED={seed}");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut corpus = Vec::new();
    sources(&root.join("examples"), &mut corpus);
    sources(&root.join("tests/fidelity"), &mut corpus);
    sources(&root.join("tests/node/packages"), &mut corpus);
    assert!(corpus.len() > 50);
    // A panic inside an operation is caught by the engine and would look like an error of the script.
    let panics = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&panics);
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        tell(panic);
    }));
    let mut rng = StdRng::seed_from_u64(seed);
    let project = tempfile::tempdir().unwrap();
    let options = ScriptOptions {
        project: project.path().to_owned(),
        limits: Limits { memory: 64 << 20, stack: 1 << 20 },
        ..ScriptOptions::default()
    };
    let until = Instant::now() + Duration::from_secs(seconds);
    let (mut tried, mut loaded) = (0u64, 0u64);
    while Instant::now() < until {
        // A loader of its own each time: files change below it.
        let loader = ScriptLoader::new(options.clone());
        for name in ["lib.js", "lib.ts", "lib.cjs", "lib.mjs"] {
            std::fs::write(project.path().join(name), damaged(&mut rng, &corpus)).unwrap();
        }
        std::fs::write(project.path().join("lib.json"), "{ \"a\": 1 }").unwrap();
        let extension = EXTENSIONS.choose(&mut rng).unwrap();
        let name = format!("001_x.{extension}");
        let text = damaged(&mut rng, &corpus);
        let path = project.path().join(&name);
        std::fs::write(&path, &text).unwrap();
        let body =
            loader.file_body(&MigrationId::parse(&name).unwrap(), &path, text.as_str().into());
        let stop = StopSignal::new();
        let (timer, patience) = (stop.clone(), Duration::from_millis(500));
        let watch = tokio::spawn(async move {
            tokio::time::sleep(patience).await;
            timer.stop(StopReason::Timeout(patience));
        });
        let inspected =
            tokio::time::timeout(Duration::from_secs(20), body.inspect(Gate::new(stop, None)));
        let ended = inspected.await.unwrap_or_else(|_| panic!("hangs: {name}\n{text}"));
        watch.abort();
        tried += 1;
        assert_eq!(panics.load(std::sync::atomic::Ordering::Relaxed), 0, "{name}\n{text}");
        match ended {
            Ok(_) => loaded += 1,
            Err(error) => {
                assert!(!error.to_string().contains("panicked"), "{error}\n{name}\n{text}");
            }
        }
    }
    println!("{tried} files, {loaded} of them loaded");
}
