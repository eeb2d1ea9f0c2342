//! Compiles the JavaScript façade below `js/` to bytecode, so that nothing is parsed at start-up.
//!
//! Each file becomes a module called `whimbrel:` and its path relative to `js/`; the generated
//! `modules.rs` pairs names with bytecode. A syntax error in the façade fails the build.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Context, Ctx, Error, Module, Runtime, WriteOptions};

/// Finds the modules that a module imports, which are compiled in their own turn.
struct Neighbours(PathBuf);

impl Resolver for Neighbours {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        let base = base.trim_start_matches("whimbrel:");
        let mut parts: Vec<&str> = base.split('/').collect();
        parts.pop();
        for part in name.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop()),
                other => parts.push(other),
            }
        }
        Ok(format!("whimbrel:{}", parts.join("/")))
    }
}

impl Loader for Neighbours {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, Declared>> {
        let path = self.0.join(name.trim_start_matches("whimbrel:"));
        let source = fs::read(path).map_err(|_| Error::new_loading(name))?;
        Module::declare(ctx.clone(), name, source)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=js");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("js");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();

    let runtime = Runtime::new()?;
    runtime.set_loader(Neighbours(root.clone()), Neighbours(root.clone()));
    let mut table = String::from("pub(crate) static MODULES: &[(&str, &[u8])] = &[\n");
    for (index, file) in files.iter().enumerate() {
        let relative = file.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        let name = format!("whimbrel:{relative}");
        let source = fs::read_to_string(file)?;
        // A context of its own: a module that is known already would not be compiled again.
        let bytecode = Context::full(&runtime)?.with(|ctx| -> Result<Vec<u8>, String> {
            let describe = |e: rquickjs::Error| {
                let thrown = ctx.catch();
                format!("{relative}: {e} {:?}", thrown.as_exception())
            };
            Module::declare(ctx.clone(), name.as_str(), source)
                .and_then(|module| module.write(WriteOptions::default()))
                .map_err(describe)
        })?;
        let file = out.join(format!("{index}.bin"));
        fs::write(&file, bytecode)?;
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", file.to_string_lossy())?;
    }
    table.push_str("];\n");
    fs::write(out.join("modules.rs"), table)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "js") {
            files.push(path);
        }
    }
    Ok(())
}
