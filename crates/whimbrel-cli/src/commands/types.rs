//! `whimbrel types`: typings for editors, and a project file that makes editors use them.
//!
//! What a project has of its own goes before ours: with the packages `mongodb`, `@types/node` or `whimbrel` installed, our
//! declarations of the same modules are not written. The typings are generated files and always brought up to
//! date; the project file is the author's as soon as it exists.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::{CommandError, Exit};

const FOLDER: &str = ".whimbrel/types";
const WHIMBREL: (&str, &str) = ("whimbrel.d.ts", include_str!("../types/whimbrel.d.ts"));
const MONGODB: (&str, &str) = ("mongodb.d.ts", include_str!("../types/mongodb.d.ts"));
const BSON: (&str, &str) = ("bson.d.ts", include_str!("../types/bson.d.ts"));
const NODE: (&str, &str) = ("node.d.ts", include_str!("../types/node.d.ts"));

pub(super) fn run(context: &Context) -> Result<Exit, CommandError> {
    let project = &context.config.project;
    let installed = |package: &str| has_package(project, package);
    let (has_driver, has_node) = (installed("mongodb"), installed("@types/node"));
    let folder = project.join(FOLDER);
    // The npm package has typings of its own, of which these would hide all that is not for migrations.
    let has_whimbrel = installed("whimbrel");
    for (file, wanted) in
        [(WHIMBREL, !has_whimbrel), (MONGODB, !has_driver), (BSON, !has_driver), (NODE, !has_node)]
    {
        let path = folder.join(file.0);
        if wanted {
            write(context, &path, file.1)?;
        } else {
            remove(context, &path)?;
        }
    }
    let directory = &context.config.directory;
    let typescript = has_typescript(directory);
    let name = if typescript { "tsconfig.json" } else { "jsconfig.json" };
    let path = directory.join(name);
    if path.exists() {
        context.ui.say(&format!("{} exists, left as it is", path.display()));
        return Ok(Exit::Done);
    }
    let types = relative(directory, &folder);
    let mut config = config(&types, typescript, has_node);
    let own = directory.ancestors().skip(1).map(|folder| folder.join(name));
    if let Some(own) = own.into_iter().find(|file| file.is_file()) {
        // For the project's aliases. What it says of its own build does not hold here.
        config["extends"] = json!(relative(directory, &own));
        for option in [
            "composite",
            "incremental",
            "declaration",
            "declarationMap",
            "emitDeclarationOnly",
            "isolatedDeclarations",
        ] {
            config["compilerOptions"][option] = json!(false);
        }
        for option in ["rootDir", "declarationDir", "tsBuildInfoFile"] {
            config["compilerOptions"][option] = Value::Null;
        }
    }
    let text = serde_json::to_string_pretty(&config)
        .map_err(|error| CommandError::usage("FILE_NOT_WRITTEN", error.to_string()))?;
    write(context, &path, &(text + "\n"))?;
    Ok(Exit::Done)
}

/// Whether a package is installed for the project: in its own folder or one above it.
fn has_package(project: &Path, name: &str) -> bool {
    project.ancestors().any(|folder| folder.join("node_modules").join(name).is_dir())
}

fn has_typescript(directory: &Path) -> bool {
    std::fs::read_dir(directory).into_iter().flatten().flatten().any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        !name.contains(".d.") && [".ts", ".mts", ".cts"].iter().any(|end| name.ends_with(end))
    })
}

fn config(types: &str, typescript: bool, has_node: bool) -> Value {
    // `Preserve` tells ES modules from CommonJS by the text of a file, as Whimbrel does.
    let mut options = json!({
        "target": "ES2023",
        "lib": ["ES2023"],
        "module": "Preserve",
        "moduleResolution": "Bundler",
        "moduleDetection": "force",
        "resolveJsonModule": true,
        "allowJs": true,
        "strict": typescript,
        "noEmit": true,
        "skipLibCheck": true,
        "types": if has_node { json!(["node"]) } else { json!([]) },
    });
    if typescript {
        options["allowImportingTsExtensions"] = json!(true);
        options["experimentalDecorators"] = json!(true);
    } else {
        options["checkJs"] = json!(true);
    }
    json!({ "compilerOptions": options, "include": [".", types] })
}

/// The way from one folder to another, with `/`.
fn relative(from: &Path, to: &Path) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (from, to) = (absolute(from), absolute(to));
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| "..".to_owned());
    let down =
        to.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

fn write(context: &Context, path: &Path, text: &str) -> Result<(), CommandError> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        context.ui.say(&format!("{} is up to date", path.display()));
        return Ok(());
    }
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| not_written(path, &error))?;
    context.ui.say(&format!("{}Wrote {}", context.ui.mark("✅ ", ""), path.display()));
    Ok(())
}

/// Takes away typings of an earlier run that a package has replaced since.
fn remove(context: &Context, path: &Path) -> Result<(), CommandError> {
    match std::fs::remove_file(path) {
        Ok(()) => {
            context.ui.say(&format!("Removed {}: a package declares the same", path.display()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(not_written(path, &error)),
    }
    Ok(())
}

fn not_written(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::usage("FILE_NOT_WRITTEN", format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_from_one_folder_to_another() {
        let way = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(way("/p/migrations/scripts", "/p/.whimbrel/types"), "../../.whimbrel/types");
        assert_eq!(way("/p", "/p/.whimbrel/types"), ".whimbrel/types");
    }
}
