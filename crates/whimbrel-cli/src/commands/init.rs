//! `whimbrel init`: a project's first files. What exists is left alone.

use whimbrel_core::Error;
use whimbrel_core::create::{Language, NewMigration, Numbering, create};

use crate::context::Context;
use crate::exit::{CommandError, Exit};
use crate::project_files::{CONFIG_FILE, NodeModule, NodeProject, NpmScripts, config_template};

pub(super) fn run(context: &Context) -> Result<Exit, CommandError> {
    let ui = &context.ui;
    let folder = &context.config.working_folder;
    not_below_another(context)?;
    // What cannot be read is said before anything is written.
    let package = Package::read(folder)?;
    let config = folder.join(CONFIG_FILE);
    match std::fs::File::create_new(&config) {
        Ok(mut file) => {
            std::io::Write::write_all(&mut file, config_template().as_bytes())
                .map_err(|error| not_written(&config, &error))?;
            ui.say(&format!("{}Created {}", ui.mark("✅ ", ""), config.display()));
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            ui.say(&format!("{} exists, left as it is", config.display()));
        }
        Err(error) => return Err(not_written(&config, &error)),
    }
    first_migration(context)?;
    let mut next = "whimbrel up";
    if let Some(package) = package {
        npm_scripts(context, &package)?;
        if package.project.has_whimbrel {
            modules(context, package.project.is_module)?;
            next = "npm run migrate:up";
        }
    }
    ui.say(&format!("\nNext: set MONGODB_URI (or uri in whimbrel.toml), then run `{next}`."));
    Ok(Exit::Done)
}

/// Settings of a folder above would lead the rest elsewhere.
fn not_below_another(context: &Context) -> Result<(), CommandError> {
    let folder = &context.config.working_folder;
    match &context.config.file {
        Some(file) if file.parent() != Some(folder) => Err(CommandError::usage(
            "PROJECT_ABOVE",
            format!(
                "this folder is part of a project: the settings of {} hold here",
                file.display()
            ),
        )
        .with_hint(format!(
            "run it in {}; for a project of its own, first make an empty {CONFIG_FILE} here",
            file.parent().unwrap_or(file).display()
        ))),
        _ => Ok(()),
    }
}

fn not_written(path: &std::path::Path, error: &std::io::Error) -> CommandError {
    CommandError::usage("FILE_NOT_WRITTEN", format!("cannot write {}: {error}", path.display()))
}

fn first_migration(context: &Context) -> Result<(), CommandError> {
    let (ui, directory) = (&context.ui, &context.config.directory);
    let has_files = std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
    if has_files {
        ui.say(&format!("{} holds files, left as it is", directory.display()));
        return Ok(());
    }
    let new = NewMigration {
        name: "initial setup".to_owned(),
        description: Some("The first migration; fill in what it does".to_owned()),
        numbering: Numbering::AsBefore,
        language: Language::of_project(&context.config.project),
        date: jiff::Zoned::now().strftime("%Y-%m-%d").to_string(),
        timestamp: String::new(),
    };
    let path = create(directory, &new).map_err(Error::from)?;
    ui.say(&format!("{}Created {}", ui.mark("✅ ", ""), path.display()));
    Ok(())
}

/// The `package.json` of the folder, with what is to be done about it.
struct Package {
    path: std::path::PathBuf,
    text: String,
    project: NodeProject,
    scripts: NpmScripts,
}

impl Package {
    fn read(folder: &std::path::Path) -> Result<Option<Self>, CommandError> {
        let path = folder.join("package.json");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(CommandError::usage(
                    "FILE_UNREADABLE",
                    format!("cannot read {}: {error}", path.display()),
                ));
            }
        };
        let invalid = |problem| {
            CommandError::usage("PACKAGE_JSON_INVALID", format!("{}: {problem}", path.display()))
                .with_hint("mend it, and run `whimbrel init` again: nothing was written")
        };
        let project = NodeProject::read(&text, folder).map_err(invalid)?;
        let scripts = NpmScripts::plan(&text).map_err(invalid)?;
        scripts.apply(&text).map_err(invalid)?;
        Ok(Some(Self { path, text, project, scripts }))
    }
}

/// Modules with the names that applications import: beside the folder of the migrations.
fn modules(context: &Context, is_module: bool) -> Result<(), CommandError> {
    let (ui, config) = (&context.ui, &context.config);
    let root = &config.working_folder;
    let folder = config.directory.parent().filter(|folder| *folder != root);
    let Some((folder, depth)) = folder
        .and_then(|folder| Some((folder, folder.strip_prefix(root).ok()?.components().count())))
    else {
        ui.note("migrations are not in a folder of their own below the project, so no modules were written beside them; import 'whimbrel' itself");
        return Ok(());
    };
    let up = "../".repeat(depth);
    let is_typescript = Language::of_project(&config.project) == Language::TypeScript;
    let mut files = Vec::new();
    for module in NodeModule::ALL {
        files.push((module.file_name(), module.text(&up, is_module)));
        files.extend(module.typings(is_module).filter(|_| is_typescript));
    }
    for (name, text) in files {
        let path = folder.join(name);
        let written = std::fs::File::create_new(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
        match written {
            Ok(()) => ui.say(&format!("{}Created {}", ui.mark("✅ ", ""), path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                ui.say(&format!("{} exists, left as it is", path.display()));
            }
            Err(error) => return Err(not_written(&path, &error)),
        }
    }
    Ok(())
}

/// Adds the scripts. Who has installed the npm package for the project need not be asked: nothing is changed that is there.
fn npm_scripts(context: &Context, package: &Package) -> Result<(), CommandError> {
    let ui = &context.ui;
    let Package { path, text, project, scripts } = package;
    for name in &scripts.taken {
        ui.note(&format!("the npm script {name} exists and is left as it is"));
    }
    if scripts.missing.is_empty() {
        return Ok(());
    }
    let question = format!(
        "Add the npm scripts {} to package.json?",
        scripts.missing.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    );
    if !project.has_whimbrel && !ui.can_ask && !ui.output.yes {
        ui.note("package.json was left as it is; `whimbrel init --yes` adds the migrate:* scripts");
        return Ok(());
    }
    if project.has_whimbrel || ui.confirm(&question)? {
        let changed = scripts.apply(text).map_err(|problem| {
            CommandError::usage("PACKAGE_JSON_INVALID", format!("{}: {problem}", path.display()))
        })?;
        std::fs::write(path, changed).map_err(|error| not_written(path, &error))?;
        ui.say(&format!("{}Added the migrate:* scripts to package.json", ui.mark("✅ ", "")));
    }
    Ok(())
}
