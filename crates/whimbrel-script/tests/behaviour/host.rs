//! What a script may reach of the machine.

use mongodb::bson::doc;
use whimbrel_core::body::{BodyError, Direction};
use whimbrel_script::Permissions;

use crate::support::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn reads_stay_below_the_project_folder() {
    let stage = Stage::new().await;
    std::fs::write(stage.test.folder().join("secret.txt"), "secret").unwrap();
    stage.file("data/list.txt", "a\nb\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink(stage.test.folder(), stage.options.project.join("up")).unwrap();
    stage
        .must(
            "const fs = await import('node:fs');
             console.log(fs.readFileSync('data/list.txt', 'utf8').split('\\n').length);
             for (const path of ['../secret.txt', 'data/../../secret.txt', 'up/secret.txt', '/etc/hostname']) {
                 try { fs.readFileSync(path); console.log('read', path); } catch (error) { console.log(error.code, error.message.replace(process.cwd(), '')); }
             }
             for (const call of [() => fs.writeFileSync('data/list.txt', 'x'), () => fs.rmSync('data', { recursive: true }), () => fs.mkdirSync('new')]) {
                 try { call(); console.log('done'); } catch (error) { console.log(error.code, error.message.endsWith('permissions.write allows it')); }
             }",
        )
        .await;
    let printed = stage.printed();
    assert_eq!(printed[0], "3");
    for line in &printed[1..5] {
        assert!(
            line.starts_with("ERR_ACCESS_DENIED") && line.contains("permissions.read"),
            "{line}"
        );
    }
    assert_eq!(printed[5..], vec!["ERR_ACCESS_DENIED true"; 3]);
    assert!(stage.options.project.join("data/list.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_settings_allow_works() {
    let mut stage = Stage::new().await;
    let outside = stage.test.folder().join("shared");
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::write(outside.join("list.txt"), "shared").unwrap();
    stage.options.permissions =
        Permissions { read: vec![outside.clone()], write: vec!["out".into()], environment: false };
    let script = format!(
        "const fs = await import('node:fs/promises');
         console.log(await fs.readFile({:?}, 'utf8'), Object.keys(process.env).length);
         await fs.mkdir('out/deep', {{ recursive: true }});
         await fs.writeFile('out/deep/a.txt', 'one');
         await fs.appendFile('out/deep/a.txt', ' two');
         await fs.rename('out/deep/a.txt', 'out/b.txt');
         console.log(await fs.readFile('out/b.txt', 'utf8'), await fs.readdir('out'));
         await fs.rename('out/b.txt', 'elsewhere.txt').catch(error => console.log(error.code));
         await fs.writeFile({:?}, 'x').catch(error => console.log(error.code));
         await fs.symlink('/etc', 'out/link').catch(error => console.log(error.code));",
        outside.join("list.txt").display().to_string(),
        outside.join("list.txt").display().to_string(),
    );
    stage.must(&script).await;
    assert_eq!(
        stage.printed(),
        [
            "shared 0",
            "one two [ 'b.txt', 'deep' ]",
            "ERR_ACCESS_DENIED",
            "ERR_ACCESS_DENIED",
            "ERR_ACCESS_DENIED",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_node_is_refused_with_the_way_to_it() {
    let stage = Stage::new().await;
    stage.file("lib/model.js", "const http = require('http');\nmodule.exports = {};\n");
    stage.file("lib/helper.mjs", "import './model.js';\n");
    stage.file(
        "node_modules/native/package.json",
        r#"{ "name": "native", "main": "build/native.node" }"#,
    );
    stage.file("node_modules/native/build/native.node", "\u{7f}ELF");
    for (import, message) in [
        (
            "import '../../lib/helper.mjs'",
            "'http' cannot be loaded in the embedded engine: migrations have no network here; fetch what is \
             needed beforehand and put it into a file of the project. Imported by \
             migrations/scripts/1.js → lib/helper.mjs → lib/model.js → http",
        ),
        (
            "import mongoose from 'mongoose'",
            "mongoose needs Node.js itself and a connection of its own",
        ),
        ("import native from 'native'", "a native add-on needs Node.js itself"),
        ("import { exec } from 'child_process'", "it needs Node.js itself"),
    ] {
        let text = format!("{import};\nexport function up() {{}}");
        let error = stage.body("1.js", &text).inspect(Default::default()).await.unwrap_err();
        assert!(matches!(error, BodyError::Load { .. }), "{error:?}");
        assert!(error.to_string().contains(message), "{import}: {error}");
    }
    let error = stage.up("await fetch('http://localhost')").await.unwrap_err().to_string();
    assert!(error.contains("fetch() is not offered in a migration"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_run_in_order_one_at_a_time() {
    let stage = Stage::new().await;
    stage
        .must(
            "const order = [];
             setTimeout(() => order.push('20'), 20);
             setTimeout(() => { order.push('5'); Promise.resolve().then(() => order.push('after 5')); }, 5);
             setTimeout(() => order.push('also 5'), 5);
             setImmediate(() => order.push('immediate'));
             const cleared = setTimeout(() => order.push('cleared'), 1);
             clearTimeout(cleared);
             let ticks = 0;
             const interval = setInterval(() => { ticks += 1; if (ticks === 3) clearInterval(interval); }, 2);
             await new Promise(resolve => setTimeout(resolve, 60));
             console.log(order.join(', '), ticks);",
        )
        .await;
    assert_eq!(stage.printed(), ["immediate, 5, after 5, also 5, 20 3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_and_progress_are_told() {
    let stage = Stage::new().await;
    let text = "
        import { log, progress } from 'whimbrel';
        export default async function up() {
            log('warn', 'found some', { count: 3, at: new Date(0) });
            log('info', 'plain');
            progress(5);
            progress(6n, 10);
            for (const bad of [() => log('loud', 'x'), () => log('info', 'x', 5), () => progress(-1), () => progress('5')]) {
                try { bad(); } catch (error) { console.log(error.message); }
            }
        }
    ";
    stage.run_file("1.js", text, Direction::Up).await.unwrap();
    assert_eq!(
        stage.printed(),
        [
            &format!(
                "log warn found some {}",
                doc! { "count": 3, "at": mongodb::bson::DateTime::from_millis(0) }
            ),
            "log info plain {}",
            "progress 5 None",
            "progress 6 Some(10)",
            "log: \"level\" must be one of debug, info, warn, error",
            "log: \"fields\" must be an object",
            "progress: \"done\" must be a number, 0 or more",
            "progress: \"done\" must be a number, 0 or more",
        ]
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_could_wait_for_ever_is_not_opened() {
    let stage = Stage::new().await;
    let made = std::process::Command::new("mkfifo")
        .arg(stage.options.project.join("pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    stage
        .must("try { (await import('fs')).readFileSync('pipe'); } catch (error) { console.log(error.code, error.message.includes('only regular files')); }")
        .await;
    assert_eq!(stage.printed(), ["ENOTSUP true"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engines_own_modules_are_its_own() {
    let stage = Stage::new().await;
    stage.file("lib/a.js", "export const a = 1;");
    for name in
        ["whimbrel:node/host.js", "scope:lib/a.js", "builtin:fs", "receiver:x", "interop:lib/a.js"]
    {
        let error = stage.up(&format!("await import('{name}')")).await.unwrap_err().to_string();
        assert!(error.contains("Cannot find package"), "{name}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_host_makes_counts_for_the_memory() {
    let mut stage = Stage::new().await;
    stage.file("data.bin", &"x".repeat(1 << 20));
    stage.options.limits.memory = 64 << 20;
    for statements in [
        "const a = []; for (;;) a.push(Buffer.from('x'.repeat(1e6)));",
        "const fs = await import('fs'); const a = []; for (;;) a.push(fs.readFileSync('data.bin'));",
        "const { createHash } = await import('crypto'); for (;;) createHash('sha512');",
    ] {
        let error = stage.up(statements).await.unwrap_err().to_string();
        assert!(
            error.contains("out of memory") || error.contains("never finished"),
            "{statements}: {error}"
        );
    }
    let error = stage
        .up("(await import('crypto')).scryptSync('a', 'b', 64, { N: 2 ** 31, r: 8, maxmem: Number.MAX_SAFE_INTEGER });")
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("memory limit exceeded"), "{error}");
    stage.options.limits.memory = 256 << 20;
    let error = stage
        .up("await db.collection('a').insertOne({ a: Array(60).fill('x'.repeat(5e6)) });")
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("a document is larger than 64 MiB"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_while_a_migration_is_only_looked_at() {
    let mut stage = Stage::new().await;
    stage.options.permissions.write = vec!["out".into()];
    std::fs::create_dir_all(stage.options.project.join("out")).unwrap();
    let text = "
        import fs from 'fs';
        try { fs.appendFileSync('out/loaded', 'x'); } catch {}
        export const up = () => {
            try { fs.rmdirSync('out'); } catch (error) { console.log(error.code); }
            try { fs.utimesSync('out/loaded', 1e20, 0); } catch (error) { console.log(error.code); }
        };
    ";
    stage.body("1.js", text).inspect(Default::default()).await.unwrap();
    assert!(!stage.options.project.join("out/loaded").exists());
    stage.run_file("1.js", text, Direction::Up).await.unwrap();
    assert!(stage.options.project.join("out/loaded").exists());
    assert_eq!(stage.printed(), ["ERR_ACCESS_DENIED", "EINVAL"]);
    // What the setting names is emptied and stays.
    stage.must("(await import('fs')).rmSync('out', { recursive: true, force: true });").await;
    assert!(stage.options.project.join("out").is_dir());
    assert!(!stage.options.project.join("out/loaded").exists());
}
