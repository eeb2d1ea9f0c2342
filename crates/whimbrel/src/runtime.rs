//! Where a migration's JavaScript runs: in the embedded engine, or in Node.js.
//!
//! The setting `runtime` decides, and a file's own `export const runtime` above it. `auto` reads the files: what
//! imports something that only Node.js has goes there. Where there is no Node.js, because nobody set it up or the
//! feature is off, what asks for it cannot be loaded.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use async_trait::async_trait;
use whimbrel_core::body::{
    Body, BodyContext, BodyError, BodyFacts, BodyLoader, BodyOutcome, Direction,
};
use whimbrel_core::file_name::MigrationId;
use whimbrel_core::gate::Gate;
use whimbrel_core::source::SourceBundle;
use whimbrel_core::transaction::RemoteTransaction;
#[cfg(feature = "node-runtime")]
use whimbrel_node_runtime::{
    LoadedModule, ModuleFormat, ModuleSource, NodeLoader, PlaceMap, SharedScripts,
};
use whimbrel_script::{DeclaredRuntime, ProjectModules, ScriptLoader, Survey};

use crate::config::Runtime;

/// Runs JavaScript in Node.js: in a process that it starts, or in the one that this program is loaded into.
#[async_trait]
pub trait NodeBodies: Send + Sync {
    /// The body of a file; `reason` says why it runs in Node.js where nobody asked for it, and completes "because
    /// it …".
    fn body(&self, path: &Path, text: Arc<str>, reason: Option<String>) -> Arc<dyn Body>;

    /// The run is over, see [`BodyLoader::release`].
    async fn release(&self) -> Vec<String>;
}

#[cfg(feature = "node-runtime")]
#[async_trait]
impl NodeBodies for NodeLoader {
    fn body(&self, path: &Path, text: Arc<str>, reason: Option<String>) -> Arc<dyn Body> {
        Self::body(self, path, text, reason)
    }

    async fn release(&self) -> Vec<String> {
        Self::release(self).await
    }
}

/// The loader of both runtimes.
pub(crate) struct RuntimeLoader {
    shared: Arc<Shared>,
}

struct Shared {
    embedded: ScriptLoader,
    node: Option<Arc<dyn NodeBodies>>,
    modules: Arc<Modules>,
    runtime: Runtime,
    /// What files said, by path, with the text they had: a run lists its files more than once. Forgotten with the run,
    /// because what they import may change.
    surveys: Mutex<HashMap<PathBuf, (Arc<str>, Survey)>>,
}

impl Shared {
    fn node(&self) -> Result<&dyn NodeBodies, BodyError> {
        let hint = match cfg!(feature = "node-runtime") {
            true => "set it up with MigratorBuilder::node, which takes the connection string",
            false => "turn on the feature `node-runtime` of the crate whimbrel",
        };
        self.node.as_deref().ok_or_else(|| BodyError::Load {
            message: "it needs Node.js, which this program does not run".to_owned(),
            hint: Some(format!("{hint}; or run it with the command line")),
        })
    }

    fn surveys(&self) -> MutexGuard<'_, HashMap<PathBuf, (Arc<str>, Survey)>> {
        self.surveys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RuntimeLoader {
    pub(crate) fn new(
        embedded: ScriptLoader,
        node: Option<Arc<dyn NodeBodies>>,
        modules: Arc<Modules>,
        runtime: Runtime,
    ) -> Self {
        let surveys = Mutex::default();
        Self { shared: Arc::new(Shared { embedded, node, modules, runtime, surveys }) }
    }

    /// A migration that is compiled into the program runs in the embedded engine; one that asks for Node.js cannot.
    pub(crate) fn embedded_body(&self, bundle: SourceBundle) -> Arc<dyn Body> {
        let text = bundle.text_of(&bundle.entry).cloned().unwrap_or_else(|| "".into());
        if text.contains("runtime") {
            let survey = self.shared.modules.0.survey(Path::new(&bundle.entry), &text, false);
            if survey.declared == Some(DeclaredRuntime::Text("node".to_owned())) {
                return Arc::new(NotEmbedded);
            }
        }
        self.shared.embedded.embedded_body(bundle)
    }
}

#[async_trait]
impl BodyLoader for RuntimeLoader {
    fn file_body(&self, id: &MigrationId, path: &Path, text: Arc<str>) -> Arc<dyn Body> {
        Arc::new(ChosenBody {
            shared: Arc::clone(&self.shared),
            id: id.clone(),
            path: path.to_owned(),
            text,
            chosen: OnceLock::new(),
        })
    }

    fn stored_body(&self, id: &MigrationId, bundle: SourceBundle) -> Arc<dyn Body> {
        self.shared.embedded.stored_body(id, bundle)
    }

    async fn release(&self) -> Vec<String> {
        let mut warnings = self.shared.embedded.release().await;
        if let Some(node) = &self.shared.node {
            warnings.extend(node.release().await);
        }
        self.shared.surveys().clear();
        warnings
    }
}

/// A body whose runtime is chosen when it is first looked at.
struct ChosenBody {
    shared: Arc<Shared>,
    id: MigrationId,
    path: PathBuf,
    text: Arc<str>,
    chosen: OnceLock<Arc<dyn Body>>,
}

impl ChosenBody {
    async fn chosen(&self) -> Result<Arc<dyn Body>, BodyError> {
        if let Some(body) = self.chosen.get() {
            return Ok(Arc::clone(body));
        }
        let survey = self.survey().await;
        let declared = match survey.declared {
            None => None,
            Some(DeclaredRuntime::Text(word)) => {
                let unknown = || wrong(&format!("\"{word}\", which is no runtime"));
                Some(Runtime::parse(&word).ok_or_else(unknown)?)
            }
            Some(DeclaredRuntime::Other(written)) => {
                return Err(wrong(&format!("{written}, which is not plain text")));
            }
        };
        let (path, text) = (&self.path, Arc::clone(&self.text));
        let body = match (declared.unwrap_or(self.shared.runtime), survey.needs_node) {
            (Runtime::Node, _) => self.shared.node()?.body(path, text, None),
            (Runtime::Auto, Some(why)) => self.shared.node()?.body(path, text, Some(why)),
            (Runtime::Embedded | Runtime::Auto, _) => {
                self.shared.embedded.file_body(&self.id, path, text)
            }
        };
        Ok(Arc::clone(self.chosen.get_or_init(|| body)))
    }

    /// What the files say; everything that is imported is read only where that may matter.
    async fn survey(&self) -> Survey {
        let is_auto = self.shared.runtime == Runtime::Auto;
        if !is_auto && !self.text.contains("runtime") {
            return Survey::default();
        }
        let known = self.shared.surveys().get(&self.path).cloned();
        if let Some((text, survey)) = known
            && text == self.text
        {
            return survey;
        }
        let (modules, path, text) =
            (Arc::clone(&self.shared.modules), self.path.clone(), Arc::clone(&self.text));
        // It reads files, and parses them.
        let survey = tokio::task::spawn_blocking(move || {
            let survey = modules.0.survey(&path, &text, is_auto);
            let says_auto = survey.declared == Some(DeclaredRuntime::Text("auto".to_owned()));
            if says_auto && !is_auto { modules.0.survey(&path, &text, true) } else { survey }
        });
        let survey = survey.await.unwrap_or_default();
        let known = (Arc::clone(&self.text), survey.clone());
        self.shared.surveys().insert(self.path.clone(), known);
        survey
    }
}

/// A migration in the program that asks for Node.js, whose files are not there.
struct NotEmbedded;

impl NotEmbedded {
    fn error() -> BodyError {
        BodyError::Load {
            message: "it asks for Node.js, which runs files and not what is embedded in a program"
                .to_owned(),
            hint: Some("ship it as a file, with MigratorBuilder::directory".to_owned()),
        }
    }
}

#[async_trait]
impl Body for NotEmbedded {
    async fn inspect(&self, _gate: Gate) -> Result<BodyFacts, BodyError> {
        Err(Self::error())
    }

    async fn run(&self, _: Direction, _: BodyContext) -> Result<BodyOutcome, BodyError> {
        Err(Self::error())
    }
}

fn wrong(what: &str) -> BodyError {
    BodyError::Load {
        message: format!("the migration's `runtime` is {what}"),
        hint: Some(
            "write it as plain text: \"embedded\", \"node\" or \"auto\", such as `export const runtime = 'node'`"
                .to_owned(),
        ),
    }
}

#[async_trait]
impl Body for ChosenBody {
    async fn inspect(&self, gate: Gate) -> Result<BodyFacts, BodyError> {
        self.chosen().await?.inspect(gate).await
    }

    async fn run(
        &self,
        direction: Direction,
        context: BodyContext,
    ) -> Result<BodyOutcome, BodyError> {
        self.chosen().await?.run(direction, context).await
    }

    async fn remote_transaction(&self) -> Result<Option<Arc<dyn RemoteTransaction>>, BodyError> {
        self.chosen().await?.remote_transaction().await
    }
}

/// The embedded engine's knowledge of modules, for Node.js.
pub(crate) struct Modules(pub(crate) ProjectModules);

#[cfg(feature = "node-runtime")]
impl ModuleSource for Modules {
    fn resolve(&self, importer: &Path, specifier: &str, required: bool) -> Option<PathBuf> {
        self.0.resolve(importer, specifier, required)
    }

    fn load(&self, path: &Path, text: &str) -> Result<LoadedModule, String> {
        let mut compiled = self.0.compile(path, text)?;
        let mut code = std::mem::take(&mut compiled.code);
        if !compiled.borrowed.is_empty() {
            // At the end, where it moves no line; imports come first wherever they stand.
            let names = compiled.borrowed.join(", ");
            code.push_str(&format!("\n;import {{ {names} }} from 'whimbrel:scope';\n"));
        }
        let format = match compiled.format {
            whimbrel_script::ModuleFormat::EsModule => ModuleFormat::EsModule,
            whimbrel_script::ModuleFormat::CommonJs => ModuleFormat::CommonJs,
        };
        let places: PlaceMap = Box::new(move |path, text| compiled.map_places(path, text));
        Ok(LoadedModule { code, format, places: Some(places) })
    }

    fn shared(&self) -> SharedScripts {
        let shared = self.0.shared_scripts();
        SharedScripts { entry: shared.entry, helpers: shared.helpers, whimbrel: shared.whimbrel }
    }
}
