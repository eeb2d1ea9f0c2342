//! The process of a run: started when first needed, used for one migration after another, replaced when one has
//! left it in a state that nobody knows, and ended with the run.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Mutex as AsyncMutex;

use whimbrel_core::gate::Gate;

use crate::files::Files;
use crate::process::{Assignment, NodeProcess, NotStarted};
use crate::{ModuleSource, NodeOptions};

/// What the bodies of one project share.
pub(crate) struct Runtime {
    pub(crate) options: NodeOptions,
    /// The project folder, links followed.
    pub(crate) root: PathBuf,
    pub(crate) modules: Arc<dyn ModuleSource>,
    process: AsyncMutex<Option<Arc<NodeProcess>>>,
    /// A migration failed in it: the next gets another.
    spent: AtomicBool,
    loads: AtomicU64,
    /// The migration that was last loaded, for what is told at the end.
    last: Mutex<String>,
    /// Warnings of processes that are gone.
    late: Mutex<Vec<String>>,
}

impl Runtime {
    pub(crate) fn new(options: NodeOptions, modules: Arc<dyn ModuleSource>) -> Self {
        let root =
            std::fs::canonicalize(&options.project).unwrap_or_else(|_| options.project.clone());
        Self {
            options,
            root,
            modules,
            process: AsyncMutex::default(),
            spent: AtomicBool::new(false),
            loads: AtomicU64::new(1),
            last: Mutex::default(),
            late: Mutex::default(),
        }
    }

    /// The process, started if there is none that can be used.
    pub(crate) async fn process(&self, gate: &Gate) -> Result<Arc<NodeProcess>, NotStarted> {
        let mut slot = self.process.lock().await;
        let is_spent = self.spent.swap(false, Ordering::SeqCst);
        if let Some(process) = slot.take() {
            if !is_spent && !process.is_gone() {
                return Ok(Arc::clone(slot.insert(process)));
            }
            process.kill().await;
            self.keep_late(process.take_late());
        }
        let options = &self.options;
        let process = NodeProcess::start(
            &options.program,
            &self.root,
            &options.environment,
            self.greeting(),
            gate,
        )
        .await?;
        Ok(Arc::clone(slot.insert(process)))
    }

    fn keep_late(&self, mut late: Vec<String>) {
        self.late.lock().unwrap_or_else(PoisonError::into_inner).append(&mut late);
    }

    /// The next migration gets a process of its own.
    pub(crate) fn spend(&self) {
        self.spent.store(true, Ordering::SeqCst);
    }

    /// A number that no load had before.
    pub(crate) fn next_load(&self) -> u64 {
        self.loads.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn note_loaded(&self, name: String) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = name;
    }

    /// Lets the process find its way in the project, before a migration is loaded.
    pub(crate) fn assign_files(&self, process: &NodeProcess, entry: &Path) -> Arc<Files> {
        let files = Files::new(&self.root, entry, "".into(), Arc::clone(&self.modules));
        let files = Arc::new(files);
        process.assign(Some(Assignment { files: Arc::clone(&files), execution: None }));
        files
    }

    /// Ends the process; what kept it alive, and what came when no migration ran, comes back as warnings.
    pub(crate) async fn end(&self) -> Vec<String> {
        let slot = self.process.lock().await.take();
        let mut late =
            std::mem::take(&mut *self.late.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(process) = slot else { return late };
        if self.spent.swap(false, Ordering::SeqCst) || process.is_gone() {
            process.kill().await;
            late.append(&mut process.take_late());
            return late;
        }
        let lingering = process.end().await;
        late.append(&mut process.take_late());
        let Some(lingering) = lingering else { return late };
        let what = match lingering.as_slice() {
            [] => "something".to_owned(),
            resources => resources.join(", "),
        };
        let name = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        late.push(format!(
            "the Node.js process did not end by itself and was ended: {name} or what it imports left open {what}. Code that \
             a migration imports should start nothing by itself"
        ));
        late
    }

    fn greeting(&self) -> Value {
        let NodeOptions { uri, database, mongoose, legacy, .. } = &self.options;
        let millis = |limit: Option<std::time::Duration>| {
            limit.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX))
        };
        let shared = self.modules.shared();
        let app_name = (!uri.to_lowercase().contains("appname=")).then_some("whimbrel");
        json!({
            "uri": uri, "database": database, "mongoose": mongoose, "legacy": legacy, "root": self.root, "appName": app_name,
            "serverSelectionTimeout": millis(self.options.server_selection_timeout),
            "connectTimeout": millis(self.options.connect_timeout),
            "shared": { "entry": shared.entry, "helpers": shared.helpers, "whimbrel": shared.whimbrel },
        })
    }
}
